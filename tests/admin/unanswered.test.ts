import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import type { UnansweredTopic } from "../../src/knowledge/unanswered.ts";
import { askAdmin } from "../support/admin-requests.ts";
import { begin, newTurn, NOON, outcome } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/v1/admin/unanswered";
const SECOND_MS = 1000;

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});
afterEach(() => app.close());

let asked = 0;

/** A visitor asks, and the model says that the sources do not hold the answer. */
async function askInVain(question: string) {
  const at = NOON + ++asked * SECOND_MS;
  const turn = newTurn({ question, sessionId: `visitor-${asked}`, at });
  const { conversationId } = await begin(app.store, turn);
  await app.store.finishTurn(turn.turnId, outcome({ grounding: "none", sources: [], at }));
  return { conversationId, turnId: turn.turnId, lastAt: at };
}

async function list(query = ""): Promise<{ questions: UnansweredTopic[]; total: number }> {
  const response = await askAdmin(app, `${PATH}${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { questions: UnansweredTopic[]; total: number };
}

async function dismiss(key: string): Promise<number> {
  return (await askAdmin(app, `${PATH}/${key}`, { method: "DELETE" })).status;
}

describe("the unanswered questions", () => {
  test("are listed with the newest first, the same words once, in whatever order and spelling", async () => {
    expect(await list()).toEqual({ questions: [], total: 0 });
    const oldest = await askInVain("Do you ship to Norway?");
    await askInVain("Café opening hours");
    await askInVain("???");
    const newest = await askInVain("to NORWAY, do you ship");
    const { questions, total } = await list();
    expect(total).toBe(3);
    expect(questions.map(({ question, count }) => [question, count])).toEqual([
      ["to NORWAY, do you ship", 2],
      ["???", 1],
      ["Café opening hours", 1],
    ]);
    expect(questions[0]).toMatchObject({ ...newest, reasons: ["unknown"] });
    expect(questions[0]?.examples).toHaveLength(1);
    expect(oldest.lastAt).toBeLessThan(newest.lastAt);
    expect((await list("?limit=1")).questions).toEqual(questions.slice(0, 1));
  });

  test("that ask the same in other words are one, with examples of it and their reasons", async () => {
    await askInVain("Do you ship to Norway?");
    await askInVain("What are your opening hours?");
    const { turnId } = await askInVain("Shipping to Norway?");
    const rating = { value: "negative", reasons: [], at: NOON } as const;
    await app.store.rateAnswer(turnId, rating);
    await askInVain("Versand nach Norwegen möglich?");
    const { questions } = await list();
    expect(questions.map(({ question, count }) => [question, count])).toEqual([
      ["Versand nach Norwegen möglich?", 1],
      ["Shipping to Norway?", 2],
      ["What are your opening hours?", 1],
    ]);
    expect(questions[1]?.reasons).toEqual(["unknown", "rated_down"]);
    expect(questions[1]?.examples.map(({ question, reasons }) => [question, reasons])).toEqual([
      ["Shipping to Norway?", ["rated_down", "unknown"]],
      ["Do you ship to Norway?", ["unknown"]],
    ]);
  });

  test("are those whose answer says so, and no others", async () => {
    const turn = newTurn({ question: "Answered?" });
    await begin(app.store, turn);
    await app.store.finishTurn(turn.turnId, outcome({ grounding: "cited", sources: [] }));
    expect((await list()).total).toBe(0);
  });

  test("that are dismissed stay away, also when they are asked again", async () => {
    await askInVain("Do you ship to Norway?");
    await askInVain("Do you ship to Chile?");
    const [, norway] = (await list()).questions;
    expect(await dismiss(norway?.key ?? "")).toBe(204);
    await askInVain("do you ship to norway");
    await askInVain("Shipping to Norway?");
    expect((await list()).questions.map(({ question }) => question)).toEqual([
      "Do you ship to Chile?",
    ]);
    expect(await dismiss(norway?.key ?? "")).toBe(404);
  });

  test("of an erased conversation are gone", async () => {
    const { conversationId } = await askInVain("Where do I live?");
    const erased = `/v1/admin/conversations/${conversationId}`;
    expect((await askAdmin(app, erased, { method: "DELETE" })).status).toBe(204);
    expect(await list()).toEqual({ questions: [], total: 0 });
  });

  test("cannot be asked for in other ways, and an unknown key is not found", async () => {
    for (const query of ["?limit=0", "?limit=201", "?limit=1e1", "?page=2"]) {
      expect((await askAdmin(app, `${PATH}${query}`)).status).toBe(400);
    }
    expect(await dismiss("nothing")).toBe(404);
    expect((await app.fetch(PATH)).status).toBe(401);
  });
});
