import { expect, test } from "bun:test";

import { chooseHistory } from "../../src/store/history.ts";

test("the history that the model is sent has no question whose answer is under way", () => {
  const underWay = {
    questionId: 3,
    question: "Unanswered?",
    answer: "So far",
    status: "streaming",
  } as const;
  const ended = { questionId: 1, question: "Q", answer: "A", status: "complete" } as const;
  const { history } = chooseHistory([underWay, ended], "Next?", { messages: 30, tokens: 8000 });
  expect(history.map(({ content }) => content)).toEqual(["Q", "A", "Next?"]);
});
