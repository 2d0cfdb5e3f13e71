import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { KEYS } from "../../harness/chat-requests.ts";
import {
  answer,
  type ModelScript,
  type ModelServer,
  startModelServer,
} from "../../harness/model-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";

setDefaultTimeout(30_000);

/** What the widget of open-chat-widget shows for an answer. */
interface ShownAnswer {
  readonly conversationId: string | undefined;
  readonly bubble: string;
  readonly isDone: boolean;
  readonly error: string | undefined;
}

/** The parts of an event that this widget reads; it ignores all others. */
interface KnownEvent {
  readonly type?: string;
  readonly conversationId?: string;
  readonly token?: string;
  readonly message?: string;
  readonly error?: string;
}

const WIDGET_KEY = KEYS.WIDGET_API_KEY ?? "";
const WEBSITE = "https://shop.example.com";

let model: ModelServer | undefined;

afterEach(async () => {
  await cleanUp();
  await model?.stop();
  model = undefined;
});

async function start(script: ModelScript, settings: Record<string, string> = {}) {
  model = startModelServer(script);
  return startChatporch({
    ...KEYS,
    OPENAI_BASE_URL: model.url,
    CORS_ORIGIN: WEBSITE,
    ...settings,
  });
}

/** Asks and reads as that widget does: it splits the stream into lines, trims them and parses each. */
async function askAsWidget(
  url: string,
  sessionId: string,
  message: string,
  key = WIDGET_KEY,
): Promise<ShownAnswer> {
  const response = await fetch(`${url}/chat`, {
    method: "POST",
    headers: {
      accept: "*/*",
      "content-type": "application/json",
      origin: WEBSITE,
      "x-widget-api-key": key,
    },
    body: JSON.stringify({ sessionId, message }),
  });
  if (!response.ok || !response.body) {
    const { error }: KnownEvent = JSON.parse(await response.text());
    return { conversationId: undefined, bubble: "", isDone: false, error };
  }

  let conversationId: string | undefined;
  let bubble = "";
  let isDone = false;
  let error: string | undefined;

  function handle(line: string): void {
    const text = line.trim();
    if (text === "") return;
    const event: KnownEvent = JSON.parse(text);
    if (event.type === "start") conversationId = event.conversationId;
    if (event.type === "token") bubble += event.token ?? "";
    if (event.type === "done") {
      isDone = true;
      conversationId = event.conversationId;
      bubble = event.message ?? bubble;
    }
    if (event.type === "error") error = event.error;
  }

  const utf8 = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body) {
    const lines = (rest + utf8.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) handle(line);
  }
  handle(rest);
  return { conversationId, bubble, isDone, error };
}

describe("the widget of open-chat-widget", () => {
  test("gets its answer, and stays in one conversation", async () => {
    const server = await start(answer("Grüße: \n\n* naïve — 日本語 👋🏽"));
    const sessionId = crypto.randomUUID();
    const first = await askAsWidget(server.url, sessionId, "Hello 👋");
    expect(first).toEqual({
      conversationId: expect.any(String),
      bubble: "Grüße: \n\n* naïve — 日本語 👋🏽",
      isDone: true,
      error: undefined,
    });
    const second = await askAsWidget(server.url, sessionId, "And again");
    expect(second.conversationId).toBe(first.conversationId);
    const other = await askAsWidget(server.url, crypto.randomUUID(), "Hello");
    expect(other.conversationId).not.toBe(first.conversationId);

    const asked = (await model?.call(1))?.body.messages.map(({ content }) => content);
    expect(asked?.slice(1)).toEqual(["Hello 👋", first.bubble, "And again"]);
  });

  test("may ask after the preflight that its headers cause", async () => {
    const server = await start(answer("Hello"));
    const response = await fetch(`${server.url}/chat`, {
      method: "OPTIONS",
      headers: {
        origin: WEBSITE,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-widget-api-key",
      },
    });
    expect(response.ok).toBe(true);
    expect(response.headers.get("access-control-allow-origin")).toBe(WEBSITE);
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    const allowed = response.headers.get("access-control-allow-headers")?.toLowerCase();
    expect(allowed).toContain("content-type");
    expect(allowed).toContain("x-widget-api-key");
  });

  test("shows what was said and an error when the model breaks off", async () => {
    const server = await start((call) => {
      call.token("Half of ");
      call.end();
    });
    expect(await askAsWidget(server.url, crypto.randomUUID(), "Hello")).toEqual({
      conversationId: expect.any(String),
      bubble: "Half of ",
      isDone: false,
      error: expect.any(String),
    });
  });

  test("shows why its question was refused", async () => {
    const server = await start(answer("Hello"));
    const wrongKey = "wrong-key-wrong-key-wrong-key";
    const refused = await askAsWidget(server.url, crypto.randomUUID(), "Hello", wrongKey);
    expect(refused).toEqual({
      conversationId: undefined,
      bubble: "",
      isDone: false,
      error: expect.any(String),
    });
    expect(model?.calls).toHaveLength(0);
  });
});

describe("a headless client", () => {
  function post(url: string, path: string, message: string) {
    return fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": WIDGET_KEY },
      body: JSON.stringify({ sessionId: "user-123", message }),
    });
  }

  test("reads NDJSON when the owner has set STREAM_FORMAT=ndjson", async () => {
    const server = await start(answer("Hello there"), { STREAM_FORMAT: "ndjson" });
    const response = await post(server.url, "/v1/chat/stream", "Hi");
    expect(response.headers.get("content-type")).toStartWith("application/x-ndjson");
    const lines = (await response.text()).trimEnd().split("\n");
    const conversationId = expect.any(String);
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { type: "start", conversationId },
      { type: "token", token: "Hello " },
      { type: "token", token: "there" },
      { type: "done", message: "Hello there", conversationId },
    ]);
  });

  test("gets the whole answer with the conversation's id", async () => {
    const server = await start(answer("Hello there"));
    const response = await post(server.url, "/v1/chat", "Hi");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(await response.json()).toMatchObject({
      message: "Hello there",
      conversationId: expect.any(String),
    });
  });
});
