import { expect, test } from "bun:test";

import { REDACTED_KINDS } from "../../src/config/redaction.ts";
import { createIsOwn } from "../../src/redaction/own-numbers.ts";
import { TextRedactor } from "../../src/redaction/text-redactor.ts";

const OWN = [
  "You are the assistant of a shop. Its address is Shop@Example.com.",
  "Call +49 30 1234567, or pay to DE89 3704 0044 0532 0130 00.",
];

function answer(...tokens: readonly string[]): string {
  const isOwn = createIsOwn(OWN, REDACTED_KINDS);
  const redactor = new TextRedactor(REDACTED_KINDS, { isOwn });
  return tokens.map((token) => redactor.pass(token)).join("") + redactor.end(true);
}

test("an answer may say what stands in the owner's texts, in other letters and groups, too", () => {
  const texts = [
    "Write to shop@example.com.",
    "Write to shop@example.com today.",
    "Call 030 1234567 or +49 (0)30 123 45 67.",
    "Pay to DE89370400440532013000.",
  ];
  for (const text of texts) {
    expect(answer(text)).toBe(text);
    expect(answer(...text)).toBe(text);
  }
});

test("everything else in it is hidden", () => {
  expect(answer("Write to ada@example.com or shop@example.com.")).toBe(
    "Write to •••@•••••••.••• or shop@example.com.",
  );
  expect(answer("030 1234568 is yours, 030 1234567 is ours.")).toBe(
    "••• ••••••• is yours, 030 1234567 is ours.",
  );
  expect(answer("4111 1111 1111 1111")).toBe("•••• •••• •••• ••••");
});
