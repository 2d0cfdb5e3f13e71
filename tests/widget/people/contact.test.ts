import { expect, test } from "bun:test";

import { contactProblem } from "../../../src/people/contact.ts";
import { contactIn } from "../../../src/widget/people/contact.ts";

test.each([
  ["anna@example.com", "email"],
  ["  a.b+c@mail.example.co.uk ", "email"],
  ["+49 (30) 12-34/56", "phone"],
  ["12345", "phone"],
] as const)("%j is a contact that the server takes", (text, kind) => {
  const contact = contactIn(text);
  expect(contact).toEqual({ kind, value: text.trim() });
  expect(contact && contactProblem(contact)).toBeUndefined();
});

test.each([
  "",
  "anna",
  "anna@example",
  "a@b.example, c@d.example",
  "Anna <a@b.example>",
  "1234",
  "1".repeat(21),
  "030.12345",
  "a@b.example\nBcc: c@d.example",
])("%j is none", (text) => expect(contactIn(text)).toBeUndefined());

test("what the widget refuses, the server refuses, and the other way round", () => {
  const parts = ["a", "1", "@", ".", "-", " ", "+", "b.example", "(", "_", "\n", "é", "12345"];
  let seed = 7;
  const next = (count: number) => (seed = (seed * 48_271) % 2_147_483_647) % count;
  for (let time = 0; time < 20_000; time++) {
    const text = Array.from({ length: 1 + next(6) }, () => parts[next(parts.length)])
      .join("")
      .trim();
    const kind = text.includes("@") ? "email" : "phone";
    const isRefused = contactProblem({ kind, value: text }) !== undefined;
    expect([text, contactIn(text) === undefined]).toEqual([text, isRefused]);
  }
});
