import { afterEach, describe, expect, mock, spyOn, test } from "bun:test";

import fc from "fast-check";

import { solveProof } from "../../harness/proof-solver.ts";
import { type Asker, createChallenges, PROOF_TTL_MS } from "../../src/proof/challenge.ts";
import { isSolution, parseProof } from "../../src/proof/solution.ts";
import "../property-seed.ts";
import { FakeClock } from "../support/fake-clock.ts";

const ASKER: Asker = { sessionId: "visitor-1", network: "192.0.2.10" };
const SECRET = "session-secret-for-tests";

/** As long as one that was issued. */
const token = `v1.${"a".repeat(48)}.${"b".repeat(43)}`;

const clock = new FakeClock();
const challenges = createChallenges({ secret: SECRET, now: clock.now });

afterEach(() => mock.restore());

describe("a token", () => {
  test("is recognised for ten minutes, with the difficulty that it was issued with", () => {
    const { token, parts, bits, expiresAt } = challenges.issue(ASKER);
    expect(expiresAt - clock.now()).toBe(PROOF_TTL_MS);
    expect(challenges.read(token, ASKER)).toMatchObject({ parts, bits });
    clock.advance(PROOF_TTL_MS - 1);
    expect(challenges.read(token, ASKER)).toBeDefined();
    clock.advance(1);
    expect(challenges.read(token, ASKER)).toBeUndefined();
  });

  test("is worth nothing to another session, from another address, or under another secret", () => {
    const { token } = challenges.issue(ASKER);
    expect(challenges.read(token, { ...ASKER, sessionId: "visitor-2" })).toBeUndefined();
    expect(challenges.read(token, { ...ASKER, network: "192.0.2.11" })).toBeUndefined();
    const others = createChallenges({ secret: `${SECRET}.`, now: clock.now });
    expect(others.read(token, ASKER)).toBeUndefined();
  });

  test("is no session's and no address's that only look like the asker's when they are joined", () => {
    const { token } = challenges.issue({ sessionId: "a", network: "b.c" });
    expect(challenges.read(token, { sessionId: "a.b", network: "c" })).toBeUndefined();
  });

  test("is forged as soon as one of its characters is another one", () => {
    const { token } = challenges.issue(ASKER);
    for (let at = 0; at < token.length; at++) {
      for (const other of ["A", "B", "_", ".", " ", "é", ""]) {
        if (token[at] === other) continue;
        const forged = token.slice(0, at) + other + token.slice(at + 1);
        expect([at, other, challenges.read(forged, ASKER)]).toEqual([at, other, undefined]);
      }
    }
  });

  test("is forged when any byte of its payload or of its MAC is flipped", () => {
    const [version, payload = "", mac = ""] = challenges.issue(ASKER).token.split(".");
    const flippedAt = (text: string, at: number) => {
      const bytes = Buffer.from(text, "base64url");
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
      return bytes.toString("base64url");
    };
    const sizeOf = (text: string) => Buffer.from(text, "base64url").length;
    for (let at = 0; at < sizeOf(payload); at++) {
      const forged = `${version}.${flippedAt(payload, at)}.${mac}`;
      expect(challenges.read(forged, ASKER)).toBeUndefined();
    }
    for (let at = 0; at < sizeOf(mac); at++) {
      const forged = `${version}.${payload}.${flippedAt(mac, at)}`;
      expect(challenges.read(forged, ASKER)).toBeUndefined();
    }
  });

  test("is compared in constant time, whatever is sent in its place", () => {
    const compared: [number, number][] = [];
    const real = crypto.timingSafeEqual.bind(crypto);
    spyOn(crypto, "timingSafeEqual").mockImplementation((left, right) => {
      compared.push([left.byteLength, right.byteLength]);
      return real(left, right);
    });
    const { token } = challenges.issue(ASKER);
    const sent = [token, `${token}A`, token.slice(0, -1), "", "v1..", "v1.a.b", "x".repeat(10_000)];
    for (const each of sent) challenges.read(each, ASKER);
    expect(compared).toEqual(sent.map(() => [43, 43]));
  });

  test("differs from one challenge to the next", () => {
    const tokens = Array.from({ length: 1000 }, () => challenges.issue(ASKER).token);
    expect(new Set(tokens).size).toBe(1000);
  });
});

describe("a proof", () => {
  test("of whatever token and difficulty is accepted as it was solved, and not with a part less or more", () => {
    const token = fc.stringMatching(/^v1\.[\w-]{1,60}\.[\w-]{43}$/);
    const difficulty = {
      parts: fc.integer({ min: 1, max: 8 }),
      bits: fc.integer({ min: 0, max: 7 }),
    };
    fc.assert(
      fc.property(token, fc.record(difficulty), (token, { parts, bits }) => {
        const proof = parseProof(solveProof({ token, parts, bits }));
        if (proof === undefined) throw new Error("It is no proof.");
        expect(proof.token).toBe(token);
        expect(isSolution(proof, { parts, bits })).toBe(true);
        expect(isSolution(proof, { parts: parts + 1, bits })).toBe(false);
        expect(isSolution(proof, { parts: parts - 1, bits })).toBe(false);
        const fewer = { ...proof, numbers: proof.numbers.slice(1) };
        expect(isSolution(fewer, { parts, bits })).toBe(false);
        const more = { ...proof, numbers: [...proof.numbers, "0"] };
        expect(isSolution(more, { parts, bits })).toBe(false);
      }),
    );
  });

  test("is wrong as soon as one number has not enough zero bits", () => {
    // Always the same, since one of 4096 numbers is right by chance.
    const difficulty = { parts: 16, bits: 12 };
    const proof = parseProof(solveProof({ token, ...difficulty }));
    if (proof === undefined) throw new Error("It is no proof.");
    expect(isSolution(proof, difficulty)).toBe(true);
    for (const [part, number] of proof.numbers.entries()) {
      const numbers = proof.numbers.with(part, `${Number(number) + 1}`);
      expect([part, isSolution({ ...proof, numbers }, difficulty)]).toEqual([part, false]);
    }
  });

  test("may be as long as numbers of nine digits make it", () => {
    const numbers = Array.from({ length: 16 }, () => "999999999");
    expect(parseProof(`${token}~${numbers.join("-")}`)).toEqual({ token, numbers });
  });

  test.each([
    ["nothing", ""],
    ["a token alone", token],
    ["no numbers", `${token}~`],
    ["no token", "~1-2"],
    ["a number of ten digits", `${token}~1000000000`],
    ["a number with a zero in front", `${token}~01`],
    ["a negative number", `${token}~-1`],
    ["a number with a dot", `${token}~1.5`],
    ["a number with an exponent", `${token}~1e3`],
    ["a hexadecimal number", `${token}~0x1`],
    ["digits of another script", `${token}~١`],
    ["a separator too much", `${token}~1--2`],
    ["a separator at the end", `${token}~1-`],
    ["a space", `${token}~1 -2`],
    ["a line break at the end", `${token}~1\n`],
    ["two proofs, as two headers are joined", `${token}~1, ${token}~1`],
    ["two tildes", `${token}~1~2`],
    ["a thousand numbers", `${token}~${Array.from({ length: 1000 }, () => 1).join("-")}`],
    ["sixteen kilobytes", "a".repeat(16_384)],
  ])("is none if it is %s", (_what, sent) => {
    expect(parseProof(sent)).toBeUndefined();
  });

  test("is told from any other text without an error", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), (text) => {
        const proof = parseProof(text);
        expect(proof === undefined || isSolution(proof, { parts: 16, bits: 12 })).toBeBoolean();
        expect(challenges.read(text, ASKER)).toBeUndefined();
      }),
    );
  });
});
