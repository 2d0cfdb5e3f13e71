import { afterEach, describe, expect, test } from "bun:test";

import {
  completion,
  type ModelScript,
  type ModelServer,
  startModelServer,
} from "../../harness/model-server.ts";
import { parseNdjson, parseSse } from "../../harness/streams.ts";
import { askAsOwner, readThread } from "../support/admin-requests.ts";
import { createTestGrounder, SHOWN } from "../support/passages.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { until } from "../support/until.ts";

/** A question that is given sources, from the model's request to everything that a client can read. */

let server: ModelServer;
let app: TestApp;

function start(
  options: Parameters<typeof createTestGrounder>[0] = {},
  more: Parameters<typeof createTestApp>[0] = {},
) {
  server = startModelServer();
  const { grounder } = createTestGrounder(options);
  app = createTestApp({ modelUrl: server.url, grounder, ...more });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

/** Answers in these tokens, streamed or not as the request asks. */
function say(...tokens: readonly string[]): void {
  server.script = (call) => {
    if (call.body.stream !== true) return Response.json(completion(tokens.join("")));
    for (const token of tokens) call.token(token);
    call.finish();
    return undefined;
  };
}

const KEY = { "x-api-key": WIDGET_KEY };
const BODY = { sessionId: "visitor-1", message: "How long to Norway?" };

async function askWhole(headers: Record<string, string> = {}) {
  const response = await app.fetch("/v1/chat", chatRequest(BODY, headers));
  const whole: Record<string, unknown> = Object(await response.json());
  return whole;
}

async function askStreamed(headers: Record<string, string> = {}) {
  const text = await (await app.fetch("/v1/chat/stream", chatRequest(BODY, headers))).text();
  return parseSse(text).map(({ data }) => data);
}

async function storedMessages() {
  const conversation = await app.store.findConversationBySession(BODY.sessionId);
  return conversation ? app.store.listMessages(conversation.id) : [];
}

/** What the model was sent last, without the system prompt. */
function sent(): string[] {
  return (
    server.calls
      .at(-1)
      ?.body.messages.slice(1)
      .map(({ content }) => content) ?? []
  );
}

test("the model is sent the sources with the newest question only, and the bare question is stored", async () => {
  start();
  say("Three to seven days [1].");
  await askWhole();
  const [first = ""] = sent();
  expect(first).toStartWith('<sources key="');
  expect(first).toContain(
    "[1] Shipping › Outside the EU › Norway (https://shop.example/shipping#norway)",
  );
  expect(first).toEndWith("Question: How long to Norway?");
  await askWhole();
  expect(sent().slice(0, 2)).toEqual([BODY.message, "Three to seven days [1]."]);
  expect(sent()).toHaveLength(3);
  const [question] = await storedMessages();
  expect(question).toMatchObject({ role: "user", content: BODY.message });
});

test("a stream has the sources before the first token, and those that the answer names in its end", async () => {
  start();
  say("Three ", "to seven days [", "1", ", 9", "].");
  const events = await askStreamed();
  const [begin, given, ...rest] = events;
  expect(begin?.type).toBe("start");
  expect(given).toEqual({ type: "sources", sources: [...SHOWN] });
  const tokens = rest.map((event) => (event.type === "token" ? event.token : "")).join("");
  expect(tokens).toBe("Three to seven days [1].");
  expect(events.at(-1)).toMatchObject({
    type: "done",
    message: "Three to seven days [1].",
    sources: [SHOWN[0]],
    grounding: "cited",
  });
});

test("NDJSON has the same events, and a whole answer the same end", async () => {
  start();
  say("Yes, for 2 euros [3].");
  const headers = { accept: "application/x-ndjson" };
  const text = await (await app.fetch("/v1/chat/stream", chatRequest(BODY, headers))).text();
  const events = parseNdjson(text);
  expect(events[1]).toEqual({ type: "sources", sources: [...SHOWN] });
  const end = { message: "Yes, for 2 euros [3].", sources: [SHOWN[2]], grounding: "cited" };
  expect(events.at(-1)).toMatchObject(end);
  expect(await askWhole()).toMatchObject(end);
});

describe("an answer that is stored has its sources", () => {
  const [shipping] = SHOWN;
  const message = "Three to seven days [1].";

  test("in the visitor's own history, those that it names", async () => {
    start();
    say(message);
    const minting = await app.fetch("/v1/sessions", { method: "POST", headers: KEY });
    const { sessionId, sessionToken }: Record<string, string> = Object(await minting.json());
    const headers = { ...KEY, "x-session-token": sessionToken ?? "" };
    await app.fetch("/v1/chat", chatRequest({ ...BODY, sessionId }, headers));
    const response = await app.fetch(`/v1/chat/history?sessionId=${sessionId}`, { headers });
    const { messages }: { messages: unknown[] } = Object(await response.json());
    expect(messages).toHaveLength(2);
    expect(messages[0]).not.toHaveProperty("sources");
    expect(messages[1]).toMatchObject({ content: message, grounding: "cited" });
    expect(messages[1]).toHaveProperty("sources", [shipping]);
  });

  test("in the owner's thread and export, all that it was given", async () => {
    start();
    say(message);
    const { conversationId } = await askWhole();
    const { messages } = await readThread(app, String(conversationId));
    expect(messages[1]?.sources?.map(({ number, isCited }) => [number, isCited])).toEqual([
      [1, true],
      [2, false],
      [3, false],
    ]);
    const [, line = ""] = (await (await askAsOwner(app, "/export")).text()).split("\n");
    expect(JSON.parse(line)).toMatchObject({ grounding: "cited", sources: messages[1]?.sources });
    const csv = await (await askAsOwner(app, "/export?format=csv")).text();
    expect(csv.trimEnd()).toContain(
      `,cited,[1] Shipping › Outside the EU › Norway ${shipping.url},`,
    );
  });

  test("when it is read again, from memory and from the database", async () => {
    start();
    say(message);
    const key = { "idempotency-key": "once" };
    const first = await askStreamed(key);
    expect(await askStreamed(key)).toEqual(first);
    const turnId = first[0]?.type === "start" ? first[0].turnId : "";
    const later = createTestApp({ modelUrl: server.url, store: app.store });
    const resumed = await later.fetch(`/v1/chat/stream/${turnId}`, { headers: KEY });
    expect(parseSse(await resumed.text()).map(({ data }) => data)).toEqual([
      ...first.slice(0, 2),
      { type: "token", token: message },
      ...first.slice(-1),
    ]);
    await later.chat.drain(0);
    expect(server.calls).toHaveLength(1);
  });

  test("in its drafts, so that an answer which a crash cuts off keeps them", async () => {
    start();
    server.script = (call) => call.token("Three ");
    const streaming = askStreamed();
    const turnId = await activeTurnId();
    const answer = async () => (await app.store.findTurn(turnId))?.answer;
    while ((await answer())?.content !== "Three") await Bun.sleep(20);
    expect((await answer())?.sources).toHaveLength(3);
    await app.chat.drain(0);
    await streaming;
    expect(await answer()).toMatchObject({ status: "interrupted", content: "Three" });
  });
});

test("an answer that names no source has none in its end", async () => {
  start();
  say("Hello!");
  expect(await askWhole()).toMatchObject({ message: "Hello!", sources: [], grounding: "uncited" });
});

describe("an answer that the sources do not hold", () => {
  test("is shown without its [0], however that is split, and filed as none", async () => {
    start();
    for (const tokens of [["[0] I do not know."], ["[", "0", "]", "\n", "I do not know."]]) {
      say(...tokens);
      const events = await askStreamed();
      const done = { message: "I do not know.", sources: [], grounding: "none" };
      expect(events.at(-1)).toMatchObject(done);
      expect(JSON.stringify(events)).not.toContain("[0]");
      expect(await askWhole()).toMatchObject(done);
    }
  });

  test("and that says nothing else is a sentence in the language of the visitor's browser", async () => {
    start();
    say("[0]");
    const message = "Dazu habe ich auf dieser Website keine Antwort gefunden.";
    const headers = { "accept-language": "de-AT,de;q=0.9,en;q=0.8" };
    expect((await askStreamed(headers)).at(-1)).toMatchObject({ message, grounding: "none" });
    expect(await askWhole(headers)).toMatchObject({ message, grounding: "none" });
  });
});

test("a thought that is taken back takes its marks with it, and the sources are sent again", async () => {
  start();
  server.script = async (call) => {
    for (const token of ["[0] Page [2]", " says", "\n</think>\n", "Three days ", "[1]."]) {
      call.token(token);
      await Bun.sleep(5);
    }
    call.finish();
  };
  const events = await askStreamed();
  const again = events.slice(events.findLastIndex(({ type }) => type === "start"));
  expect(again[1]).toEqual({ type: "sources", sources: [...SHOWN] });
  expect(events.at(-1)).toMatchObject({
    message: "Three days [1].",
    sources: [SHOWN[0]],
    grounding: "cited",
  });
});

describe("a search", () => {
  const answersBare: ModelScript = (call) =>
    Response.json(completion(`You asked: ${call.body.messages.at(-1)?.content}`));

  test.each([
    ["that fails", { find: () => Promise.reject(new Error("no such table")) }],
    ["that hangs", { find: () => new Promise<never>(() => {}), deadlineMs: 20 }],
  ])("%s costs no answer", async (_, options) => {
    start(options);
    server.script = answersBare;
    const whole = await askWhole();
    expect(whole.message).toBe(`You asked: ${BODY.message}`);
    expect(whole).not.toHaveProperty("sources");
    expect(whole).not.toHaveProperty("grounding");
    say("Fine");
    expect((await askStreamed()).map(({ type }) => type)).toEqual(["start", "token", "done"]);
  });

  test("that finds nothing costs no answer, and the model is asked to say if it does not know", async () => {
    start({ find: async () => [] });
    say("Yes, as of today.");
    const answered = await askWhole();
    expect(answered).toMatchObject({ message: "Yes, as of today.", grounding: "unsourced" });
    expect(answered).not.toHaveProperty("sources");
    expect(sent()[0]).toStartWith("If you do not know the answer to the question, begin with [0]");
    expect(sent()[0]).toEndWith(`\nQuestion: ${BODY.message}`);
    say("[", "0]", " No idea");
    const events = await askStreamed();
    expect(events.map(({ type }) => type)).toEqual(["start", "token", "done"]);
    expect(events.at(-1)).toMatchObject({ message: "No idea", grounding: "none" });
    const [question] = await storedMessages();
    expect(question).toMatchObject({ role: "user", content: BODY.message });
  });

  test("whose turn is stopped meanwhile ends with it", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    start({
      find: async () => {
        await promise;
        return [];
      },
    });
    const streaming = askStreamed();
    const turnId = await activeTurnId();
    const stopping = app.fetch(`/v1/chat/stream/${turnId}/stop`, {
      method: "POST",
      headers: chatRequest({}).headers,
    });
    resolve();
    expect(await (await stopping).json()).toMatchObject({ finishReason: "stopped" });
    expect((await streaming).at(-1)).toMatchObject({ finishReason: "stopped" });
    expect(server.calls).toHaveLength(0);
  });
});

async function activeTurnId(): Promise<string> {
  let id: string | undefined;
  await until(async () => (id = await app.chat.activeTurnId(BODY.sessionId)) !== undefined);
  return id ?? "";
}

test("sources that the model has no room for are left out, and the question is answered", async () => {
  start();
  server.script = (call) => {
    const question = call.body.messages.at(-1)?.content ?? "";
    if (question.length < 100) return Response.json(completion("Fine"));
    const error = { message: "Too long.", type: "exceed_context_size_error", code: 400 };
    return Response.json({ error }, { status: 400 });
  };
  expect(await askWhole()).toMatchObject({ message: "Fine", grounding: "uncited" });
  expect(sent()).toEqual([BODY.message]);
});
