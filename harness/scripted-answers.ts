import { completion, type ModelScript } from "./model-server.ts";
import { answerInWords, parseQuestion, tokenText } from "./question.ts";

/**
 * Answers the questions of questionText with `isInWords`, at the pace that each of them asks for. Several
 * answers at once need no more than this one script.
 */
export const answerAsAsked: ModelScript = async (call) => {
  const question = parseQuestion(call.body.messages.at(-1)?.content ?? "");
  if (call.body.stream !== true) {
    await Bun.sleep(question.pauseMs * question.tokens);
    return Response.json(completion(answerInWords(question)));
  }
  void (async () => {
    for (let index = 0; index < question.tokens && !call.hasLeft(); index += 1) {
      await Bun.sleep(question.pauseMs);
      call.token(tokenText(question, index, 0));
    }
    call.finish();
  })();
};
