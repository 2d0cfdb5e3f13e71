import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ModelServer, pacedAnswer, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseNdjson, parseSse } from "../../harness/streams.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { askAsOwner, readThread } from "../support/admin-requests.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** What the owner does not want to have is taken out of texts before the model, or the database, gets them. */

const CARD = "4111 1111 1111 1111";
const MASKED = "•••• •••• •••• ••••";
const ASKED = `My card is ${CARD}. Is it right?`;
const STORED = `My card is ${MASKED}. Is it right?`;
const ALL = { REDACT: "cards,ibans,emails,phones" };
const STORAGE = { ...ALL, REDACT_BEFORE: "storage" };

let server: ModelServer;
let app: TestApp;

function start(env: Record<string, string> = ALL, more: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer();
  app = createTestApp({ modelUrl: server.url, env, ...more });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

/** Answers with these tokens, each in a network chunk of its own, or in one piece, as the request asks. */
function say(...tokens: readonly string[]): void {
  server.script = pacedAnswer(tokens, 3);
}

function ask(path: string, message = ASKED, headers: Record<string, string> = {}) {
  return app.fetch(path, chatRequest({ sessionId: "visitor-1", message }, headers));
}

async function askJson(message = ASKED, headers: Record<string, string> = {}) {
  return (await (await ask("/v1/chat", message, headers)).json()) as Record<string, unknown>;
}

async function askSse(message = ASKED, headers: Record<string, string> = {}) {
  const text = await (await ask("/v1/chat/stream", message, headers)).text();
  return parseSse(text).map(({ data }) => data);
}

type Events = Awaited<ReturnType<typeof askSse>>;

function shown(events: Events): string {
  return events.map((each) => (each.type === "token" ? each.token : "")).join("");
}

function toModel(index = -1): readonly string[] {
  return server.calls.at(index)?.body.messages.map(({ content }) => content) ?? [];
}

async function thread() {
  const { conversations } = (await (await askAsOwner(app)).json()) as {
    conversations: { id: string }[];
  };
  return readThread(app, conversations[0]?.id ?? "");
}

async function stored(): Promise<readonly string[]> {
  return (await thread()).messages.map(({ content }) => content);
}

describe("a question with a number in it", () => {
  test("is masked for the model, the database, the export, and the client, which is shown what was replaced", async () => {
    start();
    const answer = await askJson();
    expect(answer).toMatchObject({ message: "Hello there", question: STORED });
    expect(toModel().at(-1)).toBe(STORED);
    expect(await stored()).toEqual([STORED, "Hello there"]);
    const exported = await (await askAsOwner(app, "/export")).text();
    expect(exported).toContain(MASKED);
    expect(exported).not.toContain("1111");
    expect(app.metrics.write()).toContain('chatporch_redactions_total{kind="cards"} 1\n');
    expect(app.lines.join("\n")).not.toContain("1111");
  });

  test("is shown as it is stored in the start event of every stream", async () => {
    start();
    const [first] = await askSse();
    expect(first).toMatchObject({ type: "start", question: STORED });
    const [line] = parseNdjson(await (await ask("/chat")).text());
    expect(line).toMatchObject({ type: "start", question: STORED });
  });

  test("goes to the model as it was written where only the database must not have it, and only once", async () => {
    start(STORAGE);
    expect(await askJson()).toMatchObject({ question: STORED });
    expect(toModel().at(-1)).toBe(ASKED);
    expect(await stored()).toEqual([STORED, "Hello there"]);
    expect(await askJson("And now?")).not.toHaveProperty("question");
    expect(toModel()).toEqual(expect.arrayContaining([STORED, "And now?"]));
    expect(toModel().join()).not.toContain("1111");
  });

  test("that was stored before is masked in the history that the model gets", async () => {
    start({}, { store: openSqliteStore(":memory:", { onCommit: () => {} }) });
    const { store } = app;
    await askJson();
    expect(toModel().at(-1)).toBe(ASKED);
    app = createTestApp({ modelUrl: server.url, env: ALL, store });
    await askJson("And now?");
    expect(toModel().join()).toContain(MASKED);
    expect(toModel().join()).not.toContain("1111");
  });

  test("is left as it is where nothing is set", async () => {
    start({});
    expect(await askJson()).not.toHaveProperty("question");
    expect((await askSse("Hi"))[0]).not.toHaveProperty("question");
    expect((await stored())[0]).toBe(ASKED);
  });

  test("follows the settings that the owner changes while the server runs", async () => {
    start({});
    await app.settings.change({ REDACT: "cards" }, { by: "owner" });
    expect(await askJson()).toHaveProperty("question", STORED);
    await app.settings.change({ REDACT: "ibans" }, { by: "owner" });
    expect(await askJson()).not.toHaveProperty("question");
  });
});

describe("an Idempotency-Key", () => {
  const KEYED = { "idempotency-key": "k1" };

  test.each([
    ["before the model", ALL],
    ["before storage", STORAGE],
  ])("joins the same question, redacted %s, and another one is a conflict", async (_, env) => {
    start(env);
    const first = await askJson(ASKED, KEYED);
    expect(await askJson(ASKED, KEYED)).toEqual(first);
    expect(server.calls).toHaveLength(1);
    const repeated = await askSse(ASKED, { ...KEYED, "last-event-id": "1" });
    expect(repeated.at(-1)).toMatchObject({ type: "done", message: "Hello there" });
    const other = await ask("/v1/chat", `${ASKED} Hm.`, KEYED);
    expectError(await readAnswer(other), "idempotency_conflict");
  });

  test("brings the stored question again after a restart", async () => {
    start();
    await askSse(ASKED, KEYED);
    app = createTestApp({ modelUrl: server.url, env: ALL, store: app.store });
    expect((await askSse(ASKED, KEYED))[0]).toMatchObject({ type: "start", question: STORED });
    expect(await askJson(ASKED, KEYED)).toHaveProperty("question", STORED);
    expect(server.calls).toHaveLength(1);
  });
});

/** A number in an answer, in all the ways in which models cut it. */
const CUTS: readonly (readonly [name: string, tokens: readonly string[]])[] = [
  ["in one token", [`You wrote ${CARD}, right?`]],
  ["a group a token", ["You wrote ", "4111", " 1111", " 1111", " 1111", ", right?"]],
  ["a digit a token", [`You wrote `, ...CARD, ", ", "right?"]],
  ["across words", ["You wrote 41", "11 1111 11", "11 1111, ri", "ght?"]],
];

describe("an answer with a number in it", () => {
  test("may name the owner's own address, which stands in his instructions, and no other", async () => {
    start({ ...ALL, SYSTEM_PROMPT: "Our address is shop@example.com." });
    say("Write to shop@exam", "ple.com, not to ada@", "example.com.");
    expect((await askJson("I am ada@example.com")).message).toBe(
      "Write to shop@example.com, not to •••@•••••••.•••.",
    );
  });

  test.each(CUTS)("is masked for readers and the database: %s", async (_, tokens) => {
    start();
    say(...tokens);
    const events = await askSse("What did I write?");
    const expected = `You wrote ${MASKED}, right?`;
    expect(shown(events)).toBe(expected);
    expect(events.at(-1)).toMatchObject({ type: "done", message: expected });
    expect((await askJson("Again?")).message).toBe(expected);
    expect((await stored()).filter((text) => text.startsWith("You"))).toEqual([expected, expected]);
  });

  test("is not held back but for the number that is being written", async () => {
    start({ REDACT: "cards" });
    server.script = () => {};
    const stream = followBody(await ask("/v1/chat/stream", "Hi"));
    const call = await server.call(0);
    for (const token of ["It costs", " 120 euros,", " and 5"]) call.token(token);
    expect(await stream.until('"token":" and "')).toContain('"token":" 120 euros,"');
    call.token(" more.");
    await stream.until('"token":"5 more."');
    call.finish();
    await stream.end();
  });

  test("is stored masked in drafts, and where the answer is stopped in the middle of the number", async () => {
    start();
    server.script = () => {};
    const stream = followBody(await ask("/v1/chat/stream", "Hi"));
    const call = await server.call(0);
    call.token(`One: ${CARD}. Two: 5555 5555 5555 44`);
    await stream.until("Two");
    const turnId = /"turnId":"([^"]+)"/.exec(stream.text())?.[1] ?? "";
    const stopped = await app.fetch(`/v1/chat/stream/${turnId}/stop`, chatRequest({}));
    const expected = `One: ${MASKED}. Two: •••• •••• •••• ••`;
    expect(await stopped.json()).toMatchObject({ message: expected });
    expect(await stream.end()).not.toMatch(/1111|5555/);
    expect((await stored()).at(-1)).toBe(expected);
  });

  test("is masked where the answer ends at its limit in the middle of the number", async () => {
    start();
    server.script = (call) => {
      call.token("One: 4111 1111 ");
      call.token("1111 111");
      call.finish("length");
    };
    const expected = "One: •••• •••• •••• •••";
    expect((await askSse("Hi")).at(-1)).toMatchObject({ type: "done", message: expected });
    expect((await stored()).at(-1)).toBe(expected);
  });

  test("is masked when it begins again after the model's thoughts, and nothing of these is left in it", async () => {
    start();
    say("The card is 4111 1111 11", "</think>", "11 1111 euros, card ", "4111111111111111", ".");
    const events = await askSse("Hi");
    const last = events.findLastIndex(({ type }) => type === "start");
    expect(shown(events.slice(last))).toBe("11 1111 euros, card ••••••••••••••••.");
    expect(JSON.stringify(events.slice(last))).not.toContain("4111");
  });

  test("is masked behind the mark by which the model says that it does not know the answer", async () => {
    start({ ...ALL, PERSON: "always" });
    say("[0]", " 4111 1111 ", "1111 1111");
    const events = await askSse("Hi");
    expect(events.at(-1)).toMatchObject({ message: MASKED, grounding: "none" });
  });
});

test("neither the database's files nor the model ever have the number", async () => {
  const folder = mkdtempSync(join(tmpdir(), "redaction-"));
  try {
    start(ALL, { store: openSqliteStore(join(folder, "chat.db"), { onCommit: () => {} }) });
    say("You wrote ", "4111", " 1111 1111", " 1111 and ada@exam", "ple.com.");
    const iban = "DE89 3704 0044 0532 0130 00";
    await askSse(`${ASKED} ${iban} ada@example.com +49 30 1234567`, { "idempotency-key": "k1" });
    await askJson(ASKED);
    const files = readdirSync(folder).filter((name) => name.startsWith("chat.db"));
    expect(files.length).toBeGreaterThan(1);
    for (const name of files) {
      const bytes = readFileSync(join(folder, name)).toString("latin1");
      for (const secret of ["1111", "3704", "ada@", "1234567"]) expect(bytes).not.toContain(secret);
    }
    const sent = JSON.stringify(server.calls.map(({ body }) => body));
    for (const secret of ["1111", "3704", "ada@", "1234567"]) expect(sent).not.toContain(secret);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
