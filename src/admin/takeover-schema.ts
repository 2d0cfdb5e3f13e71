import { t } from "elysia";

import { AskHeaders, EpochMs, MessageText, RowId } from "../chat/schema.ts";
import { MAX_PERSON_NAME } from "../config/people.ts";

/** The requests and responses by which the owner answers in place of the model. */

/** In one line, not only white space. */
const PersonName = t.String({
  pattern:
    "^(?=\\s*\\S)(?:[^\\uD800-\\uDFFF\\u0000-\\u001f\\u007f]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF])" +
    `{1,${MAX_PERSON_NAME}}$`,
  description:
    `1 to ${MAX_PERSON_NAME} characters in one line, as visitors see it; by default the name used before ` +
    "in this takeover, or PERSON_NAME",
  examples: ["Anna"],
});

export const TakeoverBody = t.Optional(
  t.Object({ name: t.Optional(PersonName) }, { title: "Takeover", additionalProperties: false }),
);

export const OwnerMessageBody = t.Object(
  { text: MessageText, name: t.Optional(PersonName) },
  { title: "NewOwnerMessage", additionalProperties: false },
);

export const OwnerMessageHeaders = t.Object({
  "idempotency-key": AskHeaders.properties["idempotency-key"],
});

export const StoredOwnerMessageSchema = t.Object(
  { id: RowId, at: EpochMs },
  { title: "StoredOwnerMessage" },
);
