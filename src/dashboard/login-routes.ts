import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError, rateLimited } from "../errors.ts";
import type { Link } from "../http/link.ts";
import { countRequest } from "../http/rate-limit.ts";
import type { RateLimiter } from "../http/rate-limiter.ts";
import { leaveBody } from "../http/read-body.ts";
import { contextOf } from "../http/request-context.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Logger } from "../runtime/logger.ts";
import { requireSameOrigin } from "./csrf.ts";
import { readLoginForm } from "./form.ts";
import { LoginBrake } from "./login-brake.ts";
import { loginPage, safeNext } from "./login-page.ts";
import { seeOther, sendPage } from "./page.ts";
import { LoginForm } from "./schema.ts";
import type { OwnerSessions, SessionCookie } from "./session.ts";

interface LoginRoutesDeps {
  readonly config: Pick<Config, "limits">;
  readonly link: Link;
  /** Undefined without a password: the dashboard is off. */
  readonly sessions: OwnerSessions | undefined;
  readonly cookie: SessionCookie;
  readonly limiter: RateLimiter;
  readonly metrics: Pick<Metrics, "rateLimited">;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The login. It is separate from the routes that a session protects. */
export function dashboardLoginRoutes({
  config,
  link,
  sessions,
  cookie,
  log,
  now,
  ...counting
}: LoginRoutesDeps) {
  const { maxLoginAttempts: maxRequests, rateLimitWindowMs: windowMs } = config.limits;
  const budget = { name: "login", maxRequests, windowMs } as const;
  const brake = new LoginBrake({ windowMs, now, log });

  return new Elysia({ name: "dashboard-login", normalize: false, detail: { hide: true } })
    .onParse(leaveBody)
    .derive(async ({ request, set }) => {
      if (sessions === undefined) throw new AppError("dashboard_disabled");
      if (request.method === "POST") {
        // Every attempt counts before its password is checked, so many attempts at once cannot evade the limit.
        const waitSeconds = await countRequest(counting, budget, contextOf(request).networks, set);
        if (waitSeconds !== undefined) throw rateLimited(waitSeconds);
        requireSameOrigin(request);
      }
      return { sessions };
    })
    .onTransform(readLoginForm)
    .get("/dashboard/login", ({ set }) => sendPage(set, loginPage({ link, next: "/dashboard" })))
    .post(
      "/dashboard/login",
      async ({ body, sessions: known, set }) => {
        const next = safeNext(body.next ?? "");
        await brake.pass();
        // The setting is also read without white space around it.
        const token = await known.begin(body.password.trim());
        if (token === undefined) {
          set.status = 401;
          return sendPage(set, loginPage({ link, next, problem: "This is not the password." }));
        }
        brake.succeeded();
        set.headers["set-cookie"] = cookie.write(token);
        return seeOther(set, link(next));
      },
      { body: LoginForm },
    );
}
