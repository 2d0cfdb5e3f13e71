import { afterEach, describe, expect, test } from "bun:test";

import { type ModelServer, pacedAnswer, startModelServer } from "../../harness/model-server.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { askAsOwner } from "../support/admin-requests.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** What a model thinks before it answers stays inside: it is not shown, stored or sent again. */

const ANSWER = "It costs 5 euros.";

let server: ModelServer;
let app: TestApp;

function start(options: Parameters<typeof createTestApp>[0] = {}) {
  server = startModelServer();
  app = createTestApp({ modelUrl: server.url, ...options });
}

afterEach(async () => {
  await app.close();
  await server.stop();
});

/** Answers with these tokens, each in its own network chunk, streamed or not as the request asks. */
function say(...tokens: readonly string[]): void {
  server.script = pacedAnswer(tokens, 5);
}

async function askStreamed(sessionId = "visitor-1", message = "What does it cost?") {
  const init = chatRequest({ sessionId, message });
  const text = await (await app.fetch("/v1/chat/stream", init)).text();
  return parseSse(text).map(({ data }) => data);
}

type Events = Awaited<ReturnType<typeof askStreamed>>;

/** The tokens after the last start event, as a client shows them. */
function shown(events: Events): string {
  const at = events.findLastIndex(({ type }) => type === "start");
  return events
    .slice(at)
    .map((each) => (each.type === "token" ? each.token : ""))
    .join("");
}

const THOUGHTS: readonly (readonly [name: string, tokens: readonly string[]])[] = [
  ["in one token", [`<think>\nThe list says 5.\n</think>\n\n${ANSWER}`]],
  [
    "a tag a token",
    ["<think>", "The list ", "says 5.", "</think>", "\n\n", "It costs ", "5 euros."],
  ],
  ["with tags over tokens", ["<", "think", ">The list", " says 5.</", "thi", "nk>", "\n", ANSWER]],
  ["without the first tag", ["The list ", "says 5.", "\n</think>\n\n", "It costs ", "5 euros."]],
  ["without the first tag, split", ["The list ", "says 5.\n<", "/think", ">\n\n", ANSWER]],
  ["of another name", ["<thinking>", "The list says 5.", "</thinking>", ANSWER]],
];

describe("thoughts in the text of an answer are not shown, stored, exported or sent again:", () => {
  test.each(THOUGHTS)("%s", async (_name, tokens) => {
    start({ env: { SYSTEM_PROMPT: "Be brief." } });
    say(...tokens);
    const events = await askStreamed();
    expect(shown(events)).toBe(ANSWER);
    expect(events.at(-1)).toMatchObject({ type: "done", message: ANSWER, finishReason: "stop" });
    const conversation = await app.store.findConversationBySession("visitor-1");
    const messages = conversation ? await app.store.listMessages(conversation.id) : [];
    expect(messages.at(-1)).toMatchObject({ content: ANSWER, status: "complete" });
    for (const format of ["ndjson", "csv"]) {
      const exported = await (await askAsOwner(app, `/export?format=${format}`)).text();
      expect(exported).toContain(ANSWER);
      expect(exported).not.toContain("The list");
    }
    say(ANSWER);
    await askStreamed("visitor-1", "Sure?");
    expect(server.calls.at(-1)?.body.messages.map(({ content }) => content)).toEqual([
      "Be brief.",
      "What does it cost?",
      ANSWER,
      "Sure?",
    ]);
  });

  test.each(THOUGHTS)("%s, in an answer that comes as a whole", async (_name, tokens) => {
    start();
    say(...tokens);
    const init = chatRequest({ sessionId: "visitor-1", message: "What does it cost?" });
    expect(await (await app.fetch("/v1/chat", init)).json()).toMatchObject({ message: ANSWER });
  });

  test("but an answer that mentions the tags stays as it is", async () => {
    start();
    const answer = "A model thinks between <think> and </think>, or `</think>` alone.";
    say(...answer.split(/(?<= )/));
    const events = await askStreamed();
    expect(events.filter(({ type }) => type === "start")).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ message: answer });
  });
});

describe("a thought whose opening tag the server does not send", () => {
  const tokens = ["The list ", "says 5.", "\n</think>\n\n", ANSWER];

  test("is withdrawn by a second start event, whose number follows", async () => {
    start();
    say(...tokens);
    const init = chatRequest({ sessionId: "visitor-1", message: "What does it cost?" });
    const events = parseSse(await (await app.fetch("/v1/chat/stream", init)).text());
    expect(events.map(({ data }) => data.type)).toEqual([
      "start",
      "token",
      "token",
      "start",
      "token",
      "done",
    ]);
    expect(events.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(events[3]?.data as object).toEqual(events[0]?.data as object);
  });

  test("is not sent to a reader who resumes the stream", async () => {
    start();
    say(...tokens);
    const [first] = await askStreamed();
    const turnId = first?.type === "start" ? first.turnId : "";
    for (const after of [0, 1, 2, 3]) {
      const init = chatRequest({});
      const resumed = await app.fetch(`/v1/chat/stream/${turnId}?after=${after}`, {
        headers: init.headers,
      });
      const events = parseSse(await resumed.text());
      expect(events.map(({ id }) => id)).toEqual(["4", "5", "6"]);
      expect(events.map(({ data }) => data.type)).toEqual(["start", "token", "done"]);
    }
  });

  test("is held back from the next question on", async () => {
    start();
    say(...tokens);
    await askStreamed();
    const events = await askStreamed("visitor-2");
    expect(events.map(({ type }) => type)).toEqual(["start", "token", "done"]);
    expect(shown(events)).toBe(ANSWER);
  });

  test("does not hide a later answer without thoughts, which is shown when it ends", async () => {
    start();
    say(...tokens);
    await askStreamed();
    say("It costs ", "5 euros.");
    expect((await askStreamed("visitor-2")).at(-1)).toMatchObject({ message: ANSWER });
    const third = await askStreamed("visitor-3");
    expect(third.map(({ type }) => type)).toEqual(["start", "token", "token", "done"]);
  });

  test("is not left in the draft of the answer", async () => {
    start();
    server.script = (call) => call.token("The list says 5.");
    const init = chatRequest({ sessionId: "visitor-1", message: "What does it cost?" });
    const body = followBody(await app.fetch("/v1/chat/stream", init));
    await body.until("The list");
    const draft = async () => {
      const conversation = await app.store.findConversationBySession("visitor-1");
      return conversation && (await app.store.listMessages(conversation.id)).at(-1)?.content;
    };
    while ((await draft()) === "") await Bun.sleep(20);
    (await server.call(0)).token("</think>");
    while ((await draft()) !== "") await Bun.sleep(20);
    (await server.call(0)).finish();
    expect(parseSse(await body.end()).at(-1)?.data).toMatchObject({ type: "error" });
  });
});
