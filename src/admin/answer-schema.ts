import { t } from "elysia";

import { EpochMs, RowId } from "../chat/schema.ts";
import { MAX_ANSWER_LENGTH, MAX_TITLE_LENGTH } from "../knowledge/entry-limits.ts";

/** The requests and responses about the answers that the owner writes to visitors' questions. */

/** Keys of the list of questions that one answer may take off it. */
const MAX_KEYS = 20;
const MAX_KEY_LENGTH = 40;

const enteredProperties = {
  question: t.String({
    maxLength: MAX_TITLE_LENGTH,
    description: `at most ${MAX_TITLE_LENGTH} characters`,
    examples: ["Do you ship to Norway?"],
  }),
  answer: t.String({
    maxLength: MAX_ANSWER_LENGTH,
    description: `at most ${MAX_ANSWER_LENGTH} characters`,
    examples: ["Yes, in 3 to 7 days."],
  }),
};

export const AnswerBody = t.Object(
  {
    ...enteredProperties,
    keys: t.Optional(
      t.Array(
        t.String({
          maxLength: MAX_KEY_LENGTH,
          description: `at most ${MAX_KEY_LENGTH} characters`,
        }),
        {
          maxItems: MAX_KEYS,
          description: `keys of GET /v1/admin/unanswered that this answers, at most ${MAX_KEYS}`,
        },
      ),
    ),
  },
  {
    title: "NewWrittenAnswer",
    additionalProperties: false,
    description: "question and answer, and keys at most",
  },
);

export const ChangedAnswerBody = t.Object(enteredProperties, {
  title: "ChangedWrittenAnswer",
  additionalProperties: false,
  description: "exactly the properties question and answer",
});

export const WrittenAnswerSchema = t.Object(
  { id: RowId, question: t.String(), answer: t.String(), at: EpochMs },
  { title: "WrittenAnswer" },
);

export const WrittenAnswerListSchema = t.Object(
  { answers: t.Array(WrittenAnswerSchema, { description: "the oldest first" }) },
  { title: "WrittenAnswerList" },
);
