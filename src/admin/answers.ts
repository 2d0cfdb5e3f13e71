import { AppError } from "../errors.ts";
import type { AnswerDeps } from "../knowledge/written-answers.ts";
import type { AnswerBody, ChangedAnswerBody } from "./answer-schema.ts";
import type { KnowledgeParams } from "./knowledge-schema.ts";
import { orInvalid, orNotFound } from "./refusals.ts";

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
      return orNotFound(await orInvalid(changing));
    },
    remove: async ({ params, set }: OneContext) => {
      if (!(await (await load()).removeAnswer(deps, Number(params.id)))) {
        throw new AppError("not_found");
      }
      set.status = 204;
    },
  };
}
