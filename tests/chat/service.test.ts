import { afterEach, describe, expect, test } from "bun:test";

import {
  answer,
  completion,
  failure,
  type ModelServer,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Draft } from "../../src/store/turn-store.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";
import { until } from "../support/until.ts";

let server: ModelServer;
let app: TestApp;

function start(options: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer(answer("Fine"));
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

function ask(message: string, headers: Record<string, string> = {}, sessionId = "visitor-1") {
  return app.fetch("/v1/chat", chatRequest({ sessionId, message }, headers));
}

async function storedMessages(sessionId = "visitor-1") {
  const conversation = await app.store.findConversationBySession(sessionId);
  return conversation ? app.store.listMessages(conversation.id) : [];
}

describe("the history that is sent to the model", () => {
  test("is the newest MAX_HISTORY_MESSAGES of 20 turns, and begins with a question", async () => {
    start({ env: { MAX_HISTORY_MESSAGES: "10", SYSTEM_PROMPT: "Be brief." } });
    for (let turn = 1; turn <= 20; turn++) {
      server.script = () => Response.json(completion(`answer ${turn}`));
      expect((await ask(`question ${turn}`)).status).toBe(200);
    }
    const [system, ...sent] = server.calls.at(-1)?.body.messages ?? [];
    expect(system).toEqual({ role: "system", content: "Be brief." });
    expect(sent.map(({ content }) => content)).toEqual([
      ...[16, 17, 18, 19].flatMap((turn) => [`question ${turn}`, `answer ${turn}`]),
      "question 20",
    ]);
    expect(sent.map(({ role }) => role)).toEqual([
      ...Array.from({ length: 4 }, () => ["user", "assistant"]).flat(),
      "user",
    ]);
    expect(await storedMessages()).toHaveLength(40);
  });

  test("leaves out failed and empty answers with their questions", async () => {
    start();
    await ask("first");
    server.script = () => failure(400);
    expect((await ask("this fails")).status).toBe(502);
    server.script = () => Response.json(completion("  "));
    expect((await ask("nothing to say")).status).toBe(502);
    server.script = answer("Fine");
    await ask("last");
    const sent = server.calls.at(-1)?.body.messages.map(({ content }) => content);
    expect(sent?.slice(1)).toEqual(["first", "Fine", "last"]);
  });
});

describe("a conversation that has outgrown the model's context", () => {
  test('goes on: even its next "hi" is answered', async () => {
    start();
    for (let turn = 1; turn <= 5; turn++) {
      server.script = answer(`answer ${turn}`);
      await ask(`question ${turn}`);
    }
    server.script = (call) => {
      if (call.body.messages.length <= 4) return answer("Hi again")(call);
      const error = { message: "Too long.", type: "exceed_context_size_error", code: 400 };
      return Response.json({ error }, { status: 400 });
    };
    const response = await ask("hi");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ message: "Hi again" });
    const sent = server.calls.at(-1)?.body.messages.map(({ content }) => content);
    expect(sent?.slice(1)).toEqual(["question 5", "answer 5", "hi"]);
    expect(await storedMessages()).toHaveLength(12);
  });

  test("is sent up to MAX_HISTORY_TOKENS, in any language", async () => {
    start({ env: { MAX_HISTORY_TOKENS: "500" } });
    for (const text of [
      "word ".repeat(100),
      "слово ".repeat(60),
      "言葉".repeat(100),
      "🙂".repeat(90),
    ]) {
      server.script = () => Response.json(completion(text));
      await ask(text);
    }
    await ask("Last?");
    for (const { body } of server.calls) {
      const bytes = body.messages.slice(1, -1).map(({ content }) => Buffer.byteLength(content));
      expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1500);
    }
    // The newest exchange alone still fits: two messages beside the prompt and the question.
    expect(server.calls.at(-1)?.body.messages).toHaveLength(4);
  });
});

describe("a failed turn", () => {
  test.each([
    { status: 400, code: "model_error", http: 502 },
    { status: 401, code: "model_error", http: 502 },
    { status: 404, code: "model_error", http: 502 },
  ])(
    "is a $http when the model answers $status, and the question stays stored",
    async ({ status, code, http }) => {
      start();
      server.script = () => failure(status);
      const response = await ask("Hello?");
      expect(response.status).toBe(http);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ code });
      expect(text).not.toContain("upstream");
      expect(await storedMessages()).toMatchObject([
        { role: "user", content: "Hello?", status: "complete" },
        { role: "assistant", content: "", status: "failed", errorCode: code },
      ]);
      expect(app.lines.join("")).toContain("check OPENAI");
      expect(app.lines.join("")).not.toContain("Hello?");
    },
  );

  test("is an error when its answer was cut in the middle, and the beginning is kept as interrupted", async () => {
    start();
    for (const ending of ["end", "cut"] as const) {
      server.script = (call) => call.token("The answer is ");
      const sessionId = `visitor-${ending}`;
      const init = chatRequest({ sessionId, message: "What?" });
      const body = followBody(await app.fetch("/v1/chat/stream", init));
      await body.until("The answer is");
      (await server.call(server.calls.length - 1))[ending]();
      const events = parseSse(await body.end());
      expect(events.map(({ data }) => data.type)).toEqual(["start", "token", "error"]);
      expect(events.at(-1)?.data).toMatchObject({ code: "model_error" });
      expect((await storedMessages(sessionId))[1]).toMatchObject({
        content: "The answer is",
        status: "interrupted",
      });
    }
  });

  test("leaves the session free for the next question", async () => {
    start();
    server.script = () => failure(400);
    await ask("one");
    server.script = answer("Fine");
    expect((await ask("two")).status).toBe(200);
  });
});

describe("a question asked again", () => {
  test("after its answer failed is stored once, with both answers", async () => {
    start();
    server.script = () => failure(400);
    await ask("Hello?", { "idempotency-key": "first" });
    server.script = answer("Fine");
    const retried = await ask("Hello?", { "idempotency-key": "second" });
    expect(await retried.json()).toMatchObject({ message: "Fine" });
    expect(await storedMessages()).toMatchObject([
      { role: "user", content: "Hello?" },
      { role: "assistant", status: "failed" },
      { role: "assistant", status: "complete", content: "Fine" },
    ]);
    const conversation = await app.store.findConversationBySession("visitor-1");
    expect(conversation?.messageCount).toBe(3);
    expect((await ask("Hello?", { "idempotency-key": "first" })).status).toBe(502);
    expect(await (await ask("Hello?", { "idempotency-key": "second" })).json()).toMatchObject({
      message: "Fine",
    });
    expect(server.calls).toHaveLength(2);
  });

  test("after its answer was cut is sent to the model without the cut answer", async () => {
    start();
    server.script = (call) => {
      call.token("The answer is ");
      call.end();
    };
    const init = chatRequest({ sessionId: "visitor-1", message: "What?" });
    await (await app.fetch("/v1/chat/stream", init)).text();
    server.script = answer("42");
    await ask("What?");
    await ask("Sure?");
    const sent = server.calls.map(({ body }) => body.messages.slice(1).map((m) => m.content));
    expect(sent).toEqual([["What?"], ["What?"], ["What?", "42", "Sure?"]]);
  });

  test("after a good answer is a new question", async () => {
    start();
    await ask("Hello?");
    await ask("Hello?");
    expect(await storedMessages()).toHaveLength(4);
  });
});

describe("a session has one turn at a time:", () => {
  test("a second question during an answer is a 409, in that session only", async () => {
    start();
    server.script = silence;
    const first = app.fetch("/v1/chat/stream", chatRequest({ sessionId: "a", message: "one" }));
    const body = followBody(await first);
    const second = await ask("two", {}, "a");
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ code: "turn_in_progress" });
    server.script = answer("Fine");
    expect((await ask("two", {}, "b")).status).toBe(200);
    (await server.call(0)).finish();
    await body.end();
    expect(await storedMessages("a")).toHaveLength(2);
  });

  test("one of 50 simultaneous questions runs, and the others are 409", async () => {
    start();
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(`question ${i}`)));
    const statuses = all.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 409)]);
    expect(server.calls).toHaveLength(1);
  });

  test("the next question may follow the last event at once", async () => {
    start();
    const url = app.listen();
    for (let turn = 0; turn < 10; turn++) {
      const init = chatRequest({ sessionId: "a", message: `question ${turn}` });
      const response = await fetch(`${url}/v1/chat/stream`, init);
      expect(response.status).toBe(200);
      await followBody(response).until("event: done");
    }
  });
});

describe("an Idempotency-Key", () => {
  const key = { "idempotency-key": "retry 1" };

  test("joins the running turn: 50 connections, one call, the same bytes", async () => {
    start();
    server.script = silence;
    const init = chatRequest({ sessionId: "a", message: "once" }, key);
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => app.fetch("/v1/chat/stream", init)),
    );
    const call = await server.call(0);
    call.token("only ");
    call.token("once");
    call.finish();
    const texts = await Promise.all(responses.map((response) => response.text()));
    expect(new Set(texts).size).toBe(1);
    expect(parseSse(texts[0] ?? "").at(-1)?.data).toMatchObject({ message: "only once" });
    expect(server.calls).toHaveLength(1);
    expect(await storedMessages("a")).toHaveLength(2);
  });

  test("replays the finished turn, also after a restart and as a stream", async () => {
    start();
    const first = await (await ask("once", key)).json();
    expect(await (await ask("once", key)).json()).toEqual(first);
    app = createTestApp({ modelUrl: server.url, store: app.store });
    expect(await (await ask("once", key)).json()).toEqual(first);
    const init = chatRequest({ sessionId: "visitor-1", message: "once" }, key);
    const events = parseSse(await (await app.fetch("/v1/chat/stream", init)).text());
    expect(events.map(({ data }) => data.type)).toEqual(["start", "token", "done"]);
    expect(server.calls).toHaveLength(1);
  });

  test("replays a failure, too: the model never runs twice", async () => {
    start();
    server.script = () => failure(400);
    expect((await ask("once", key)).status).toBe(502);
    server.script = answer("Fine");
    expect((await ask("once", key)).status).toBe(502);
    expect(server.calls).toHaveLength(1);
  });

  test("with a different message is a 422, whether the turn is running or finished", async () => {
    start();
    server.script = silence;
    const init = chatRequest({ sessionId: "a", message: "one" }, key);
    const running = await app.fetch("/v1/chat/stream", init);
    expect((await ask("two", key, "a")).status).toBe(422);
    (await server.call(0)).finish();
    await running.text();
    const response = await ask("two", key, "a");
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "idempotency_conflict" });
    expect(await storedMessages("a")).toHaveLength(2);
  });

  test("counts for one session only", async () => {
    start();
    await ask("once", key, "a");
    await ask("once", key, "b");
    expect(server.calls).toHaveLength(2);
  });

  test.each(["", "x".repeat(129), "späß", "sent, twice"])("%p is refused", async (value) => {
    start();
    const init = chatRequest({ sessionId: "a", message: "one" }, { "idempotency-key": value });
    const response = await app.fetch("/v1/chat", init);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ details: [{ path: "/idempotency-key" }] });
    expect(server.calls).toHaveLength(0);
  });
});

describe("a JSON turn", () => {
  test("asks the model without streaming, and a reader who joins gets one token", async () => {
    start();
    let respond: (response: Response) => void = () => {};
    server.script = () => new Promise((resolve) => (respond = resolve));
    const key = { "idempotency-key": "shared" };
    const json = ask("both", key);
    const call = await server.call(0);
    expect(call.body.stream).not.toBe(true);
    const init = chatRequest({ sessionId: "visitor-1", message: "both" }, key);
    const streamed = await app.fetch("/v1/chat/stream", init);
    respond(Response.json(completion("A whole answer")));
    const events = parseSse(await streamed.text()).map(({ data }) => data);
    expect(events).toMatchObject([
      { type: "start" },
      { type: "token", token: "A whole answer" },
      { type: "done", message: "A whole answer" },
    ]);
    expect(await (await json).json()).toMatchObject({ message: "A whole answer" });
    expect(server.calls).toHaveLength(1);
  });
});

describe("an answer without an end", () => {
  test("is cut at the byte limit, and its finish reason is length", async () => {
    start();
    server.script = (call) => {
      const token = "x".repeat(64 * 1024);
      for (let count = 0; count < 20; count++) call.token(token);
    };
    const init = chatRequest({ sessionId: "a", message: "Tell me everything" });
    const events = parseSse(await (await app.fetch("/v1/chat/stream", init)).text());
    expect(events.at(-1)?.data).toMatchObject({ type: "done", finishReason: "length" });
    await (
      await server.call(0)
    ).left;
  });
});

describe("erasing a conversation", () => {
  test("stops the answer under way and leaves nothing", async () => {
    start();
    server.script = (call) => call.token("soon gone");
    const init = chatRequest({ sessionId: "a", message: "Hi" });
    const body = followBody(await app.fetch("/v1/chat/stream", init));
    const text = await body.until("soon gone");
    const turnId = /"turnId":"([^"]+)"/.exec(text)?.[1] ?? "";
    await app.chat.eraseSession("a");
    expect(parseSse(await body.end()).at(-1)?.data).toMatchObject({ finishReason: "stopped" });
    await (
      await server.call(0)
    ).left;
    expect(await storedMessages("a")).toHaveLength(0);
    expect(await app.chat.findTurn(turnId)).toBeUndefined();
  });
});

describe("draining", () => {
  test("refuses questions, lets readers finish, and ends answers that outlast the grace period", async () => {
    start();
    server.script = (call) => call.token("unfinished");
    const init = chatRequest({ sessionId: "a", message: "Hi" });
    const body = followBody(await app.fetch("/v1/chat/stream", init));
    await body.until("unfinished");
    const drained = app.chat.drain(30);
    const refused = await ask("late", {}, "b");
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: "draining" });
    expect((await app.fetch("/ready")).status).toBe(503);
    expect((await app.fetch("/health")).status).toBe(200);
    await drained;
    expect(parseSse(await body.end()).at(-1)?.data).toMatchObject({
      type: "error",
      code: "draining",
    });
    expect((await storedMessages("a"))[1]).toMatchObject({
      content: "unfinished",
      status: "interrupted",
    });
  });
});

describe("a store that cannot take the answer", () => {
  test("is sent the answer again until it takes it, and nothing stays under way", async () => {
    const store = openSqliteStore(":memory:");
    let isFull = true;
    const flaky = new Proxy(store, {
      get(target, name) {
        if (name === "finishTurn" && isFull) {
          return () => Promise.reject(new Error("database or disk is full"));
        }
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    start({ store: flaky });
    const refused = await ask("Hello?");
    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({ code: "internal_error" });
    expect(await app.chat.activeTurnId("visitor-1")).toBeUndefined();
    expect((await ask("Still there?")).status).toBe(500);
    isFull = false;
    expect((await ask("And now?")).status).toBe(200);
    expect((await storedMessages())[1]).toMatchObject({ content: "Fine", status: "complete" });
    expect(await storedMessages()).toHaveLength(4);
  });
});

describe("a question while its conversation is erased", () => {
  test("is refused, not accepted and erased", async () => {
    const store = openSqliteStore(":memory:");
    const erased = Promise.withResolvers<void>();
    const slow = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        if (name !== "deleteConversation") return member.bind(target);
        return (id: string) => erased.promise.then(() => target.deleteConversation(id));
      },
    });
    start({ store: slow });
    await ask("one");
    const erasing = app.chat.eraseSession("visitor-1");
    expect((await ask("two")).status).toBe(409);
    erased.resolve();
    await erasing;
    expect((await ask("three")).status).toBe(200);
    expect(await storedMessages()).toHaveLength(2);
  });
});

describe("drafts", () => {
  /** More than two portions of a hundred, and fewer connections than Bun's fetch keeps open at once. */
  const ANSWERS = 230;

  test("are stored at least once a second while the answer comes", async () => {
    start();
    server.script = (call) => call.token("said so far");
    const init = chatRequest({ sessionId: "a", message: "Hi" });
    const body = followBody(await app.fetch("/v1/chat/stream", init));
    await body.until("said so far");
    const draft = async () => (await storedMessages("a"))[1];
    expect(await until(async () => (await draft())?.content !== "")).toBeLessThanOrEqual(1000);
    expect(await draft()).toMatchObject({ content: "said so far", status: "streaming" });
    (await server.call(0)).finish();
    await body.end();
  });

  test("of many answers are stored a hundred at a time, so that nobody waits for all of them", async () => {
    const store = openSqliteStore(":memory:");
    const portions: number[] = [];
    const all = Promise.withResolvers<void>();
    const watched = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        if (name !== "saveDrafts") return member.bind(target);
        return async (drafts: readonly Draft[]) => {
          await target.saveDrafts(drafts);
          portions.push(drafts.length);
          if (portions.reduce((sum, portion) => sum + portion) >= ANSWERS) all.resolve();
        };
      },
    });
    start({ store: watched });
    server.script = (call) => call.token("said so far");
    for (let visitor = 0; visitor < ANSWERS; visitor += 1) {
      const sessionId = `visitor-${visitor}`;
      const unimportant = {
        idempotencyKey: undefined,
        mode: "stream",
        languages: undefined,
        requestId: "r",
      } as const;
      await app.chat.ask({ sessionId, message: "Hi", ...unimportant });
    }
    await all.promise;
    expect(Math.max(...portions)).toBeLessThanOrEqual(100);
    const last = await storedMessages(`visitor-${ANSWERS - 1}`);
    expect(last[1]).toMatchObject({ content: "said so far", status: "streaming" });
    for (const call of server.calls) call.finish();
  });
});

describe("an answer of more than 512 K characters", () => {
  const MAX = 512 * 1024;
  /** High enough that the bound of 16 characters a token is not reached first. */
  const env = { MAX_OUTPUT_TOKENS: "100000" };

  test("that comes as a whole is cut there, and its finish reason is length", async () => {
    start({ env });
    server.script = () => Response.json(completion("x".repeat(MAX + 1)));
    const answered = (await (await ask("Hi")).json()) as { message: string };
    expect(answered.message).toHaveLength(MAX);
    const [, stored] = await storedMessages();
    expect(stored).toMatchObject({ status: "complete", finishReason: "length" });
    expect(stored?.content).toHaveLength(MAX);
  });

  test("that is streamed is cut there, in the middle of a token", async () => {
    start({ env });
    server.script = (call) => {
      for (let n = 0; n < 6; n++) call.token("x".repeat(100_000));
      call.finish();
    };
    const body = chatRequest({ sessionId: "visitor-1", message: "Hi" });
    const text = await (await app.fetch("/v1/chat/stream", body)).text();
    const events = parseSse(text).map(({ data }) => data);
    const answer = events.map((event) => (event.type === "token" ? event.token : "")).join("");
    expect(answer).toHaveLength(MAX);
    expect(events.at(-1)).toMatchObject({ type: "done", message: answer, finishReason: "length" });
  });

  test("is cut, but one of exactly 512 K is whole", async () => {
    start({ env });
    server.script = () => Response.json(completion("x".repeat(MAX)));
    await ask("Hi");
    expect((await storedMessages())[1]).toMatchObject({ finishReason: "stop" });
  });
});
