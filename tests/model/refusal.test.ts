import { expect, test } from "bun:test";

import { isOverflow, readRefusal } from "../../src/model/refusal.ts";

/** The words of different servers for the same refusal. */
test.each([
  [
    400,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens.",
  ],
  [
    400,
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
  ],
  [400, "Invalid 'messages[1].content': string too long. (code string_above_max_length)"],
  [400, "the request exceeds the available context size. try increasing the context size"],
  [500, "context shift is disabled"],
  [400, "prompt too long; exceeded max context length by 812 tokens"],
  [400, "max_tokens must be at least 1, got -1834."],
  [400, "The number of tokens to keep from the initial prompt is greater than the context length."],
  [400, "Input is too long for requested model."],
  [400, "prompt is too long: 213462 tokens > 200000 maximum"],
  [413, "request_too_large"],
  [400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."],
  [
    400,
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
  ],
  [400, "Invalid request: Your request exceeded model token limit: 8192"],
  [400, "Range of input length should be [1, 129024]"],
  [400, "Prompt exceeds max length"],
  [400, "Prompt 超长"],
  [
    400,
    "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.",
  ],
  [
    422,
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens",
  ],
  [400, "the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model"],
  [413, "Request body too large for gpt-4o model. Max size: 8000 tokens. (tokens_limit_reached)"],
  [400, "prompt token count of 5000 exceeds the limit of 4096"],
  [400, "invalid params, context window exceeds limit (2013)"],
  [
    429,
    "Request too large for gpt-4o in organization org on tokens per min (TPM): Limit 30000, Requested 40000.",
  ],
])("a refusal of a prompt that is too long is recognised in status %i, %p", (status, message) => {
  expect(isOverflow(readRefusal(status, { error: { message } }))).toBe(true);
});

test.each([
  [
    429,
    "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
  ],
  [400, "max_tokens is too large: 100000. This model supports at most 16384 completion tokens."],
  [400, "Unrecognized request argument supplied: stream_options"],
  [400, "The response was filtered due to the prompt triggering a content management policy."],
  [400, "Incorrect API key provided"],
  [401, "context length"],
  [404, "The model `gpt-6-luna` does not exist or you do not have access to it."],
  [503, "The server is overloaded: too many tokens in the queue"],
])("a refusal of a prompt that is too long is not assumed in status %i, %p", (status, message) => {
  expect(isOverflow(readRefusal(status, { error: { message } }))).toBe(false);
});

test("the parts of a request that a server repeats do not count as its own words", () => {
  const refusal = readRefusal(422, {
    detail: [
      {
        type: "missing",
        loc: ["body", "model"],
        msg: "Field required",
        input: { messages: [{ role: "user", content: "stream_options, context length" }] },
        ctx: { error: "max_tokens" },
      },
    ],
  });
  expect(refusal).toEqual({
    status: 422,
    parameter: "body model",
    sentence: "Field required",
    text: "missing\nField required",
  });
});
