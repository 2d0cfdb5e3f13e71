import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { Link } from "../http/link.ts";
import { leaveBody } from "../http/read-body.ts";
import { contextOf } from "../http/request-context.ts";
import type { Logger } from "../runtime/logger.ts";
import type { OwnerPasswordStore } from "../store/owner-password-store.ts";
import { type AttemptsDeps, limitAttempts } from "./attempts.ts";
import type { ClaimPage, ClaimProblems } from "./claim-page.ts";
import { CLAIM_MINUTES, hashOfClaim } from "./claim.ts";
import { readLoginForm } from "./form.ts";
import type { ChosenPassword } from "./owner-password.ts";
import { seeOther, sendPage } from "./page.ts";
import { chosenPasswordProblem, isTypedTwice } from "./password-hash.ts";
import { wouldLoseCookie } from "./plain-http.ts";
import { ClaimForm } from "./schema.ts";
import type { OwnerSessions, SessionCookie } from "./session.ts";

interface ClaimRoutesDeps extends AttemptsDeps {
  readonly config: Pick<Config, "limits" | "server">;
  readonly link: Link;
  readonly claimPage: ClaimPage;
  readonly store: OwnerPasswordStore;
  readonly sessions: OwnerSessions;
  /** Makes the hash of the first password. */
  readonly chosen: ChosenPassword;
  readonly cookie: SessionCookie;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const NOT_VALID =
  `This claim token is not valid. One is good once, for ${CLAIM_MINUTES} minutes after the start that printed it, ` +
  "and until that server stops. Start the server again, and it prints a new link.";

/** Where the owner of a new server chooses the password, with the link that the start has printed. */
export function dashboardClaimRoutes(deps: ClaimRoutesDeps) {
  const { config, link, claimPage, store, sessions, chosen, cookie, log, now } = deps;

  /** Stores the password. Returns the problems if that is not possible. */
  async function claim(
    hash: string,
    password: string,
    client: string,
  ): Promise<ClaimProblems | undefined> {
    // Hashing is costly, so it is done for those only who have a token.
    if (!(await store.hasClaim(hash, now()))) return { token: NOT_VALID };
    const problem = chosenPasswordProblem(password);
    if (problem !== undefined) return { password: `The password ${problem}.` };
    const passwordHash = await chosen.hash(password);
    const by = `the claim link, from ${client}`;
    const isClaimed = await store.claimOwner(hash, { passwordHash, at: now(), by });
    return isClaimed ? undefined : { token: NOT_VALID };
  }

  return new Elysia({ name: "dashboard-claim", normalize: false, detail: { hide: true } })
    .onParse(leaveBody)
    .derive(limitAttempts(deps))
    .derive(async () => {
      if (await sessions.hasOwner()) throw new AppError("dashboard_claimed");
      return {};
    })
    .onTransform(readLoginForm)
    .get("/dashboard/claim", ({ request, set }) =>
      sendPage(set, claimPage(request, { token: "", problems: {} })),
    )
    .post(
      "/dashboard/claim",
      async ({ body, request, set }) => {
        if (wouldLoseCookie(request, config.server)) {
          set.status = 403;
          return sendPage(set, claimPage(request, { token: "", problems: {} }));
        }
        const token = body.token.trim();
        const password = body.password.trim();
        const { client } = contextOf(request);
        const problems = isTypedTwice(password, body.again)
          ? await claim(hashOfClaim(token), password, client)
          : { again: "The two passwords differ." };
        if (problems !== undefined) {
          const isRefused = problems.token !== undefined;
          set.status = isRefused ? 403 : 400;
          return sendPage(set, claimPage(request, { token: isRefused ? "" : token, problems }));
        }
        log.info("the dashboard was claimed", { client });
        const session = await sessions.begin(password);
        if (session !== undefined) set.headers["set-cookie"] = cookie.write(session, request);
        return seeOther(set, link("/dashboard"));
      },
      { body: ClaimForm },
    );
}
