import { describe, expect, test } from "bun:test";

import { API_ERRORS } from "../../../src/errors.ts";
import { meetLimit } from "../../../src/widget/limits/limits.ts";
import { SENTENCES } from "../../../src/widget/limits/sentences.ts";
import { Failure } from "../../../src/widget/panel/failure.ts";

const { signal } = new AbortController();

test.each(Object.entries(SENTENCES))(
  "in %s, something is said at every limit, and no two languages say the same",
  (language, said) => {
    for (const [code, text] of Object.entries(said)) {
      expect(Object.keys(API_ERRORS)).toContain(code);
      expect(text).toBe(text.trim());
      expect(text).not.toBe("");
      const same = Object.values(SENTENCES).filter((other) => Object.values(other).includes(text));
      expect([language, code, same.length]).toEqual([language, code, 1]);
    }
  },
);

describe("a question that was refused", () => {
  test("at a limit gets the owner's sentence, or else one in the visitor's language", async () => {
    const cases = [
      ["de", undefined, SENTENCES.de.budget_reached],
      ["xx", undefined, SENTENCES.en.budget_reached],
      ["de", " <b>Morgen</b> wieder. ", "<b>Morgen</b> wieder."],
      ["de", "  ", SENTENCES.de.budget_reached],
      ["de", 5, SENTENCES.de.budget_reached],
      ["de", "a".repeat(301), "a".repeat(300)],
    ] as const;
    for (const [language, sentence, expected] of cases) {
      const failure = new Failure("server", "budget_reached", 0, { error: "English", sentence });
      const answer: { code?: string } = {};
      expect(await meetLimit(language, failure, answer, signal)).toBeUndefined();
      expect([failure.sentence, answer.code]).toEqual([expected, "budget_reached"]);
    }
  });

  test("for another reason stays as it is", async () => {
    for (const code of ["model_busy", "person_off", "constructor", "http_503"]) {
      const failure = new Failure("server", code, 0, "no object");
      const answer: { code?: string } = {};
      expect(await meetLimit("en", failure, answer, signal)).toBeUndefined();
      expect([failure.sentence, failure.kind, answer.code]).toEqual([
        undefined,
        "server",
        undefined,
      ]);
    }
  });

  test("is not asked again by itself until tomorrow, nor while the model is off", async () => {
    for (const [code, kind] of [
      ["share_reached", "refused"],
      ["model_off", "refused"],
      ["budget_reached", "wait"],
    ] as const) {
      const failure = new Failure("wait", code, 80_000);
      await meetLimit("en", failure, {}, signal);
      expect([code, failure.kind]).toEqual([code, kind]);
    }
  });

  test("and whose challenge cannot be solved is a failure that can be tried again", async () => {
    const failure = new Failure("setup", "proof_required", 0, { challenge: { parts: 1e9 } });
    expect(await meetLimit("en", failure, {}, signal)).toBeUndefined();
    expect(failure.kind).toBe("refused");
  });
});
