import { AppError } from "../errors.ts";
import type { UnansweredStore } from "../store/unanswered-store.ts";
import type { UnansweredParams, UnansweredQuery } from "./schema.ts";

export interface UnansweredHandlersDeps {
  readonly store: UnansweredStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of Elysia's context that the handlers use. */
interface ListContext {
  readonly query: typeof UnansweredQuery.static;
}

interface DismissContext {
  readonly params: typeof UnansweredParams.static;
  readonly set: { status?: number | string };
}

const DEFAULT_LIMIT = "100";

/** The handlers of the questions that the owner's pages do not answer. Their code is loaded when it is used. */
export function createUnansweredHandlers({ store, now }: UnansweredHandlersDeps) {
  const load = () => import("../knowledge/unanswered.ts");
  return {
    list: async ({ query }: ListContext) => {
      const topics = await (await load()).listUnanswered(store);
      return {
        questions: topics.slice(0, Number(query.limit ?? DEFAULT_LIMIT)),
        total: topics.length,
      };
    },
    dismiss: async ({ params, set }: DismissContext) => {
      const { dismissUnanswered } = await load();
      if (!(await dismissUnanswered(store, params.key, now()))) throw new AppError("not_found");
      set.status = 204;
    },
  };
}
