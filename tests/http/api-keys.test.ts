import { afterAll, beforeAll, describe, expect, mock, spyOn, test } from "bun:test";

import fc from "fast-check";

import { AppError } from "../../src/errors.ts";
import { createSecretCheck, requireAdminKey, requireChatKey } from "../../src/http/api-keys.ts";

const KEYS = ["first-key-0123456789-abcdef", "second-key-0123456789-abcdef", "a"];

describe("createSecretCheck", () => {
  test("accepts each configured secret, wherever it stands", () => {
    const isKnown = createSecretCheck(KEYS);
    for (const key of KEYS) expect(isKnown(key)).toBe(true);
  });

  test.each([
    ["empty", ""],
    ["a prefix", "first-key-0123456789-abcde"],
    ["longer", "first-key-0123456789-abcdef "],
    ["of another case", "First-key-0123456789-abcdef"],
    ["both at once", "first-key-0123456789-abcdef,second-key-0123456789-abcdef"],
    ["with NUL", "first-key-0123456789-abcdef\0"],
    ["of look-alikes", "fіrst-key-0123456789-abcdef"],
    ["a lone surrogate", "\ud800"],
    ["a megabyte long", "a".repeat(1024 * 1024)],
  ])("refuses what is %s", (_name, candidate) => {
    expect(createSecretCheck(KEYS)(candidate)).toBe(false);
  });

  test("accepts nothing when nothing is configured, not even an empty secret", () => {
    expect(createSecretCheck([])("")).toBe(false);
  });

  test("compares composed and decomposed characters as different", () => {
    expect(createSecretCheck(["schl\u00fcssel"])("schlu\u0308ssel")).toBe(false);
  });

  test("accepts exactly the configured secrets", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.array(text), text, (secrets, candidate) => {
        const isKnown = createSecretCheck(secrets);
        expect(isKnown(candidate)).toBe(secrets.includes(candidate));
        for (const secret of secrets) expect(isKnown(secret)).toBe(true);
      }),
    );
  });
});

describe("constant time:", () => {
  const compared: [number, number][] = [];
  const real = crypto.timingSafeEqual.bind(crypto);

  beforeAll(() => {
    spyOn(crypto, "timingSafeEqual").mockImplementation((left, right) => {
      compared.push([left.byteLength, right.byteLength]);
      return real(left, right);
    });
  });
  afterAll(() => mock.restore());

  test.each([["the first"], ["the second"], ["the last"], ["none"]])(
    "every secret is compared once, as digests of one length, when %s matches",
    (name) => {
      const position = ["the first", "the second", "the last"].indexOf(name);
      const candidate = KEYS[position] ?? "of another length altogether";
      const isKnown = createSecretCheck(KEYS);
      compared.length = 0;
      expect(isKnown(candidate)).toBe(name !== "none");
      expect(compared).toEqual([
        [32, 32],
        [32, 32],
        [32, 32],
      ]);
    },
  );
});

describe("the places where a key is accepted:", () => {
  const WIDGET = "widget-key-0123456789-abcdef";
  const ADMIN = "admin-key-0123456789-abcdefg";
  const KEYS_OF_CHAT = { widget: [WIDGET], program: [] };
  const passesWidget = (headers: Record<string, string>) =>
    outcome(() => requireChatKey(() => KEYS_OF_CHAT)({ request: withHeaders(headers) }));
  const passesAdmin = (headers: Record<string, string>, keys = [ADMIN]) =>
    outcome(() => requireAdminKey(keys)({ request: withHeaders(headers) }));

  test.each([
    [{ "x-api-key": WIDGET }],
    [{ "x-widget-api-key": WIDGET }],
    [{ "X-API-KEY": WIDGET }],
    [{ authorization: `Bearer ${WIDGET}` }],
    [{ authorization: `bearer   ${WIDGET}` }],
    [{ "x-api-key": WIDGET, authorization: "Bearer for-a-proxy" }],
  ])("the chat opens to %j", (headers) => {
    expect(passesWidget(headers)).toBe("passes");
  });

  test.each([
    [{}],
    [{ "x-api-key": "" }],
    [{ "x-api-key": ADMIN }],
    [{ "x-admin-api-key": WIDGET }],
    [{ "x-api-key": `Bearer ${WIDGET}` }],
    [{ authorization: WIDGET }],
    [{ authorization: `Basic ${WIDGET}` }],
    [{ authorization: `Bearer ${WIDGET} ${WIDGET}` }],
    [{ authorization: `Bearer${WIDGET}` }],
    [{ cookie: `x-api-key=${WIDGET}` }],
  ])("the chat stays shut to %j", (headers) => {
    expect(passesWidget(headers)).toBe("unauthorized");
  });

  test.each([[{ "x-admin-api-key": ADMIN }], [{ authorization: `Bearer ${ADMIN}` }]])(
    "the owner's API opens to %j",
    (headers) => {
      expect(passesAdmin(headers)).toBe("passes");
    },
  );

  test.each([[{}], [{ "x-admin-api-key": WIDGET }], [{ "x-api-key": ADMIN }]])(
    "the owner's API stays shut to %j",
    (headers) => {
      expect(passesAdmin(headers)).toBe("unauthorized");
    },
  );

  test("the owner's API is disabled without keys, whatever is sent", () => {
    expect(passesAdmin({}, [])).toBe("admin_disabled");
    expect(passesAdmin({ "x-admin-api-key": "" }, [])).toBe("admin_disabled");
  });
});

function withHeaders(headers: Record<string, string>): Request {
  return new Request("http://localhost/", { headers });
}

function outcome(guard: () => unknown): string {
  try {
    guard();
    return "passes";
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
