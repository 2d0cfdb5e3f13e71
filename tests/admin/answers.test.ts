import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { MAX_ANSWER_LENGTH, MAX_TITLE_LENGTH } from "../../src/knowledge/entry-limits.ts";
import { listUnanswered } from "../../src/knowledge/unanswered.ts";
import type { WrittenAnswer } from "../../src/knowledge/written-answers.ts";
import { begin, newTurn, NOON, outcome } from "../support/stored-turns.ts";
import { ADMIN_KEY, chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/v1/admin/answers";
const NORWAY = { question: "Do you ship to Norway?", answer: "Yes, in 3 to 7 days." };

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});
afterEach(() => app.close());

async function send(method: string, path: string, body?: object) {
  const response = await app.fetch(path.startsWith("/v1") ? path : `${PATH}${path}`, {
    method,
    headers: { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

async function list(): Promise<readonly WrittenAnswer[]> {
  return (await send("GET", "")).body.answers;
}

async function askInVain(question: string, at: number): Promise<void> {
  const turn = newTurn({ question, sessionId: `visitor-${at}`, at });
  await begin(app.store, turn);
  await app.store.finishTurn(turn.turnId, outcome({ grounding: "none", sources: [], at }));
}

/** The titles of what the model is given with a question. */
async function sourcesOf(message: string): Promise<readonly string[]> {
  const sessionId = crypto.randomUUID();
  await app.fetch("/v1/chat", chatRequest({ sessionId, message }));
  const conversation = await app.store.findConversationBySession(sessionId);
  const messages = conversation ? await app.store.listMessages(conversation.id) : [];
  return (messages.at(-1)?.sources ?? []).map(({ title }) => title);
}

describe("an answer that the owner writes", () => {
  test("is what the same question in other words is given", async () => {
    expect(await sourcesOf("How long is shipping to Norway?")).toEqual([]);
    const { status, body } = await send("POST", "", NORWAY);
    expect(status).toBe(201);
    expect(body).toMatchObject(NORWAY);
    expect(await sourcesOf("How long is shipping to Norway?")).toEqual([NORWAY.question]);
    const other = { question: "Do you deliver to Norway?", answer: "No." };
    expect(await send("PUT", `/${body.id}`, other)).toMatchObject({ status: 200, body: other });
    expect(await list()).toMatchObject([{ id: body.id, ...other }]);
    expect(await sourcesOf("How long is shipping to Norway?")).toEqual([other.question]);
    expect((await send("DELETE", `/${body.id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect(await sourcesOf("How long is shipping to Norway?")).toEqual([]);
  });

  test("takes its questions off the list, until a later answer is no good either", async () => {
    const questions = async () =>
      (await listUnanswered(app.store)).map(({ question, count }) => `${question} ${count}`);
    await askInVain("Do you ship to Norway?", NOON - 3);
    await askInVain("Shipping to Norway?", NOON - 2);
    await askInVain("Do you sell boats?", NOON - 1);
    const [, norway] = await listUnanswered(app.store);
    await send("POST", "", { ...NORWAY, keys: [norway?.key, "unknown"] });
    expect(await questions()).toEqual(["Do you sell boats? 1"]);
    await askInVain("shipping to Norway", NOON + 1);
    expect(await questions()).toEqual(["shipping to Norway 1", "Do you sell boats? 1"]);
  });

  test("takes the same question off the list, also where nobody names it", async () => {
    await askInVain("do you ship to norway", NOON - 2);
    await askInVain("Do you sell boats?", NOON - 1);
    await send("POST", "", NORWAY);
    const left = (await listUnanswered(app.store)).map(({ question }) => question);
    expect(left).toEqual(["Do you sell boats?"]);
  });

  test("without a question or an answer, or with too long ones, is refused and changes nothing", async () => {
    const { body } = await send("POST", "", NORWAY);
    for (const [wrong, says] of [
      [{ question: " " }, "/question: The question is missing."],
      [{ answer: "\n" }, "/answer: The answer is missing."],
    ] as const) {
      for (const [method, path] of [
        ["POST", ""],
        ["PUT", `/${body.id}`],
      ] as const) {
        const refused = await send(method, path, { ...NORWAY, ...wrong });
        expect(refused.status).toBe(400);
        const [{ path: place, message }] = refused.body.details;
        expect(`${place}: ${message}`).toBe(says);
      }
    }
    for (const wrong of [
      { question: "a".repeat(MAX_TITLE_LENGTH + 1) },
      { answer: "a".repeat(MAX_ANSWER_LENGTH + 1) },
      { keys: Array.from({ length: 21 }, () => "key") },
      { more: 1 },
    ]) {
      expect((await send("POST", "", { ...NORWAY, ...wrong })).status).toBe(400);
    }
    expect(await list()).toMatchObject([NORWAY]);
  });

  test("is no note, and a note is no answer", async () => {
    const { body } = await send("POST", "", NORWAY);
    const notes = "/v1/admin/knowledge/notes";
    const note = { title: "A", text: "B" };
    expect((await send("PUT", `${notes}/${body.id}`, note)).status).toBe(404);
    const { id } = (await send("POST", notes, note)).body;
    expect((await send("PUT", `/${id}`, NORWAY)).status).toBe(404);
    expect((await send("DELETE", `/${id}`)).status).toBe(404);
    expect(await list()).toHaveLength(1);
  });
});
