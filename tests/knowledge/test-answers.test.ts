import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import type { Outcome } from "../../src/conversation/records.ts";
import { shortDiff } from "../../src/knowledge/short-diff.ts";
import { testAnswers } from "../../src/knowledge/test-answers.ts";
import { addAnswer } from "../../src/knowledge/written-answers.ts";
import { outcome } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const NORWAY = "Do you ship to Norway?";
const BOATS = "Do you sell boats?";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});
afterEach(() => app.close());

async function write(...questions: readonly string[]): Promise<void> {
  const { store } = app;
  const config = { knowledge: { refreshHours: 24 } };
  const deps = { store, config, hasRoom: async () => true, onDue: () => {}, now: app.clock.now };
  for (const question of questions) await addAnswer(deps, { question, answer: "Yes." }, []);
}

/** An answer that was given what the owner has written to this question, and names it. */
function cited(title: string, more: Partial<Outcome> = {}): Outcome {
  const source = { number: 1, title, heading: "", url: undefined, isCited: true };
  return outcome({ content: "Yes [1].", grounding: "cited", sources: [source], ...more });
}

interface Asking {
  readonly isKept?: boolean;
  readonly signal?: AbortSignal;
}

async function run(
  ask: (question: string) => Outcome | Promise<Outcome>,
  { isKept = true, signal = new AbortController().signal }: Asking = {},
) {
  const progress: string[] = [];
  const judged = await testAnswers(
    {
      store: app.store,
      ask: async (question) => ask(question),
      isKept,
      onTested: ({ question }, of) => progress.push(`${question} ${of}`),
    },
    signal,
  );
  return { judged, progress };
}

describe("a test of the written answers", () => {
  test("asks each question, and finds nothing where all is as it was", async () => {
    expect((await run(cited)).judged).toEqual([]);
    await write(NORWAY, BOATS);
    for (let times = 0; times < 2; times += 1) {
      const { judged, progress } = await run(cited);
      expect(judged).toMatchObject([
        { question: NORWAY, verdict: "good", isLoss: false, lostSources: [] },
        { question: BOATS, verdict: "good", isLoss: false, lostSources: [] },
      ]);
      expect(judged[0]).not.toHaveProperty("diff");
      expect(progress).toEqual([`${NORWAY} 2`, `${BOATS} 2`]);
    }
  });

  test.each([
    ["failed", cited(NORWAY, { status: "interrupted", errorCode: "model_timeout" })],
    ["unknown", cited(NORWAY, { grounding: "none" })],
    ["not_found", cited("Another page")],
    ["not_found", outcome({ content: "Yes." })],
  ] as const)("says that an answer is lost: %s", async (verdict, end) => {
    await write(NORWAY);
    const { judged } = await run(() => end);
    expect(judged).toMatchObject([{ verdict, isLoss: true }]);
    // What is lost is not what the next test is compared with.
    await run(cited);
    await run(() => end);
    expect((await app.store.listAnswerTests()).map(({ answer }) => answer)).toEqual(["Yes [1]."]);
  });

  test("says that an answer names its source no more, and nothing of a model that names none", async () => {
    await write(NORWAY);
    const given = [{ number: 1, title: NORWAY, heading: "", url: undefined, isCited: false }];
    const uncited = cited(NORWAY, { grounding: "uncited", sources: given });
    expect((await run(() => uncited)).judged).toMatchObject([
      { verdict: "not_named", isLoss: false },
    ]);
    await run(cited);
    expect((await run(() => uncited)).judged).toMatchObject([
      { verdict: "not_named", isLoss: true },
    ]);
  });

  test("shows what has changed, and which sources are gone", async () => {
    await write(NORWAY);
    const [own] = cited(NORWAY).sources ?? [];
    const page = {
      number: 2,
      title: "Shipping",
      heading: "Norway",
      url: "https://shop.example/",
      isCited: true,
    };
    const whole = { content: "Yes, in three days [1][2]." };
    await run(() => cited(NORWAY, { ...whole, sources: own ? [own, page] : [] }));
    const { judged } = await run(() => cited(NORWAY, { content: "Yes, in four days [1]." }));
    expect(judged).toMatchObject([
      {
        verdict: "good",
        isLoss: false,
        lostSources: ["Shipping › Norway (https://shop.example/)"],
        diff: { before: "Yes, in", removed: "three days [1][2].", added: "four days [1]." },
      },
    ]);
  });

  test("keeps nothing of unsaved instructions", async () => {
    await write(NORWAY);
    await run(cited, { isKept: false });
    expect(await app.store.listAnswerTests()).toEqual([]);
  });

  test("asks three questions at a time, and none once it is stopped", async () => {
    await write(...Array.from({ length: 6 }, (_, n) => `Question ${n}?`));
    const asked: string[] = [];
    const gate = Promise.withResolvers<void>();
    const stopping = new AbortController();
    const running = run(
      async (question) => {
        asked.push(question);
        await gate.promise;
        return cited(question);
      },
      { signal: stopping.signal },
    );
    while (asked.length < 3) await Bun.sleep(1);
    stopping.abort();
    gate.resolve();
    expect((await running).judged).toEqual([]);
    expect(asked).toHaveLength(3);
    expect(await app.store.listAnswerTests()).toEqual([]);
  });
});

describe("a short difference", () => {
  test.each([
    ["a b c", "a  b\nc", undefined],
    ["a b c", "a x c", { before: "a", removed: "b", added: "x", behind: "c" }],
    ["", "new", { before: "", removed: "", added: "new", behind: "" }],
    ["a a", "a a a", { before: "a a", removed: "", added: "a", behind: "" }],
    [
      "1 2 3 4 5 6 7 old 1 2 3 4 5 6 7",
      "1 2 3 4 5 6 7 new 1 2 3 4 5 6 7",
      { before: "… 2 3 4 5 6 7", removed: "old", added: "new", behind: "1 2 3 4 5 6 …" },
    ],
  ])("between %j and %j", (old, text, diff) => {
    expect(shortDiff(old, text)).toEqual(diff);
  });
});
