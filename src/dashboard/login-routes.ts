import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { Link } from "../http/link.ts";
import { leaveBody } from "../http/read-body.ts";
import type { Logger } from "../runtime/logger.ts";
import { type AttemptsDeps, limitAttempts } from "./attempts.ts";
import { readLoginForm } from "./form.ts";
import { LoginBrake } from "./login-brake.ts";
import { type LoginPage, safeNext } from "./login-page.ts";
import { seeOther, sendPage } from "./page.ts";
import { wouldLoseCookie } from "./plain-http.ts";
import { LoginForm } from "./schema.ts";
import type { OwnerSessions, SessionCookie } from "./session.ts";

interface LoginRoutesDeps extends AttemptsDeps {
  readonly config: Pick<Config, "limits" | "server">;
  readonly link: Link;
  readonly loginPage: LoginPage;
  readonly sessions: OwnerSessions;
  readonly cookie: SessionCookie;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The login. It is separate from the routes that a session protects. */
export function dashboardLoginRoutes(deps: LoginRoutesDeps) {
  const { config, link, loginPage, sessions, cookie, log, now } = deps;
  const brake = new LoginBrake({ windowMs: () => config.limits.rateLimitWindowMs, now, log });

  return new Elysia({ name: "dashboard-login", normalize: false, detail: { hide: true } })
    .onParse(leaveBody)
    .derive(async () => {
      if (!(await sessions.hasOwner())) throw new AppError("dashboard_unclaimed");
      return {};
    })
    .derive(limitAttempts(deps))
    .onTransform(readLoginForm)
    .get("/dashboard/login", ({ request, set }) =>
      sendPage(set, loginPage(request, { next: "/dashboard" })),
    )
    .post(
      "/dashboard/login",
      async ({ body, request, set }) => {
        const next = safeNext(body.next ?? "");
        if (wouldLoseCookie(request, config.server)) {
          set.status = 403;
          return sendPage(set, loginPage(request, { next }));
        }
        await brake.pass();
        // The setting is also read without white space around it.
        const token = await sessions.begin(body.password.trim());
        if (token === undefined) {
          set.status = 401;
          return sendPage(set, loginPage(request, { next, problem: "Wrong password." }));
        }
        brake.succeeded();
        set.headers["set-cookie"] = cookie.write(token, request);
        return seeOther(set, link(next));
      },
      { body: LoginForm },
    );
}
