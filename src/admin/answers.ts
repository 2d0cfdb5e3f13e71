import { AppError, invalidRequest } from "../errors.ts";
import { RefusedEntryError } from "../knowledge/refused-entry.ts";
import type { AnswerDeps } from "../knowledge/written-answers.ts";
import type { AnswerBody, ChangedAnswerBody } from "./answer-schema.ts";
import type { KnowledgeParams } from "./knowledge-schema.ts";

/** The parts of Elysia's context that the handlers use. */
interface Settable {
  readonly set: { status?: number | string };
}

interface OneContext extends Settable {
  readonly params: typeof KnowledgeParams.static;
}

/** The handlers of the answers that the owner writes. Their code is loaded when it is used. */
export function createAnswerHandlers(deps: AnswerDeps) {
  const load = () => import("../knowledge/written-answers.ts");
  return {
    list: async () => ({ answers: await (await load()).listAnswers(deps.store) }),
    add: async ({ body, set }: Settable & { readonly body: typeof AnswerBody.static }) => {
      const { keys = [], ...entered } = body;
      const answer = await orInvalid((await load()).addAnswer(deps, entered, keys));
      set.status = 201;
      return answer;
    },
    change: async ({
      params,
      body,
    }: OneContext & { readonly body: typeof ChangedAnswerBody.static }) => {
      const changing = (await load()).changeAnswer(deps, Number(params.id), body);
      const answer = await orInvalid(changing);
      if (answer === undefined) throw new AppError("not_found");
      return answer;
    },
    remove: async ({ params, set }: OneContext) => {
      if (!(await (await load()).removeAnswer(deps, Number(params.id)))) {
        throw new AppError("not_found");
      }
      set.status = 204;
    },
  };
}

/** What cannot be used is an invalid request, with the sentence for the owner. */
export async function orInvalid<T>(entering: Promise<T>): Promise<T> {
  try {
    return await entering;
  } catch (error) {
    if (!(error instanceof RefusedEntryError)) throw error;
    throw invalidRequest(`/${error.field}`, error.message);
  }
}
