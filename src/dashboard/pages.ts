import { chosenOf } from "./overview/choice.ts";
import type { OverviewDeps } from "./overview/show-overview.ts";
import { sendPage, type Settable } from "./page.ts";
import type { OverviewQuery } from "./schema.ts";
import type { Session } from "./session.ts";
import type { SetupDeps } from "./setup/show-setup.ts";

/** The parts of Elysia's context that the handlers use. */
interface PageContext {
  readonly request: Request;
  readonly session: Session;
  readonly set: Settable;
}

interface OverviewContext extends PageContext {
  readonly query: typeof OverviewQuery.static;
}

/**
 * The handlers of the pages about the server, which are loaded when they are asked for. Each destructures its context in
 * the parameter list, because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createPageHandlers(deps: OverviewDeps & SetupDeps) {
  return {
    overview: async ({ request, query, session, set }: OverviewContext) => {
      const { showOverview } = await import("./overview/show-overview.ts");
      const chosen = chosenOf(query);
      return sendPage(set, await showOverview(deps, { request, session, chosen }));
    },
    setup: async ({ request, session, set }: PageContext) => {
      const { showSetup } = await import("./setup/show-setup.ts");
      const { page, isRight } = await showSetup(deps, request, session);
      if (!isRight) set.status = 400;
      return sendPage(set, page);
    },
  };
}
