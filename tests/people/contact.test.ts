import { describe, expect, test } from "bun:test";

import { contactProblem, maskContact } from "../../src/people/contact.ts";

const email = (value: string) => contactProblem({ kind: "email", value });
const phone = (value: string) => contactProblem({ kind: "phone", value });

describe("an e-mail address", () => {
  test.each([
    "ada@example.com",
    "ada.lovelace+chat@mail.example.co.uk",
    "o'neil_1~x-y@xn--bcher-kva.example",
    `${"a".repeat(64)}@example.com`,
    "A@B.EXAMPLE",
  ])("is taken: %s", (value) => expect(email(value)).toBeUndefined());

  test.each([
    ["nothing", ""],
    ["no domain", "ada"],
    ["a domain without a dot", "ada@localhost"],
    ["two addresses", "ada@example.com,eve@example.com"],
    ["two addresses by a semicolon", "ada@example.com;eve@example.com"],
    ["two addresses by a space", "ada@example.com eve@example.com"],
    ["a line end", "ada@example.com\nBcc: eve@example.com"],
    ["a line end at its end", "ada@example.com\n"],
    ["a line end of its own kind", "ada@example.com\u2028"],
    ["NUL", "ada\0@example.com"],
    ["a name", "Ada <ada@example.com>"],
    ["quotes", '"ada lovelace"@example.com'],
    ["a comment", "ada(x)@example.com"],
    ["an address literal", "ada@[127.0.0.1]"],
    ["an IP address", "ada@127.0.0.1"],
    ["a route", "@relay.example:ada@example.com"],
    ["a percent sign", "ada%example.org@example.com"],
    ["a query of a link", "ada@example.com?bcc=eve@example.com"],
    ["letters that look alike", "аda@example.com"],
    ["two @", "ada@@example.com"],
    ["two dots", "ada..b@example.com"],
    ["a dot at the beginning", ".ada@example.com"],
    ["a label that ends with a hyphen", "ada@example-.com"],
    ["a long part before the @", `${"a".repeat(65)}@example.com`],
    ["a long label", `ada@${"a".repeat(64)}.com`],
    ["255 characters", `ada@${"a.".repeat(124)}com`],
  ])("is refused with %s", (_, value) => expect(email(value)).toBe("is not one e-mail address"));
});

describe("a phone number", () => {
  test.each(["+49 (30) 123-456/78", "12345", "0".repeat(15)])("is taken: %s", (value) =>
    expect(phone(value)).toBeUndefined(),
  );

  test.each([
    "",
    "1234",
    "0".repeat(16),
    "12345\n",
    "12345;ext=1",
    "tel:12345",
    "+١٢٣٤٥",
    "12 345a",
  ])("is refused: %j", (value) =>
    expect(phone(value)).toBe("is not a phone number of 5 to 15 digits"),
  );
});

test("a contact that is shown to its visitor tells others little", () => {
  expect(maskContact({ kind: "email", value: "ada@example.com" })).toBe("a…@example.com");
  expect(maskContact({ kind: "phone", value: "+49 30 123456-89" })).toBe("…89");
});
