import { join, resolve } from "node:path";

import { type Question, questionText } from "../../harness/question.ts";
import { type ServerProcess, startServer } from "../../harness/server-process.ts";

/** The format of an answer: our events or OpenAI's chunks, each in one line, which may be SSE data. */
export type AnswerFormat = "events" | "openai";

/** A measured server: how to start it and how to ask it. */
export interface Target {
  readonly name: string;
  start(options: StartOptions): Promise<ServerProcess>;
  /** A request for an answer that is streamed token by token. */
  stream(url: string, question: Question): Request;
  /** A request for the whole answer at once. */
  json(url: string, question: Question): Request;
  readonly format: AnswerFormat;
}

interface StartOptions {
  readonly modelUrl: string;
  /** A new folder that only the target uses. */
  readonly folder: string;
  readonly port?: number | undefined;
}

const ROOT = resolve(import.meta.dir, "../..");

export const floor: Target = {
  name: "floor",
  format: "events",
  start: ({ modelUrl, ...options }) =>
    startServer({
      name: "floor",
      command: () => [process.execPath, join(import.meta.dir, "floor.ts")],
      env: (port) => ({ ...FETCH_LIMIT, PORT: `${port}`, MODEL_URL: modelUrl }),
      ...options,
    }),
  stream: (url, question) => post(`${url}/stream`, { message: questionText(question) }),
  json: (url, question) => post(`${url}/json`, { message: questionText(question) }),
};

/** By default, Bun's fetch would let the 257th request wait. The floor and the model must not be the limit. */
export const FETCH_LIMIT = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };

const WIDGET_KEY = "bench-widget-key-of-32-characters";
const ADMIN_KEY = "bench-admin-key-of-32-characters-";

export type Settings = Readonly<Record<string, string>>;

/** The environment of a chatporch in production, with every check and limit at its default. */
export function productionSettings(port: number, modelUrl: string): Settings {
  return {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: `${port}`,
    OPENAI_BASE_URL: `${modelUrl}/v1`,
    OPENAI_MODEL: "bench",
    WIDGET_API_KEY: WIDGET_KEY,
    ADMIN_API_KEY: ADMIN_KEY,
    CORS_ORIGIN: ORIGIN,
    // Every visitor has an address, as behind a proxy. The rate limiter then works but refuses nobody.
    TRUST_PROXY: "1",
  };
}

function chatporch(name: string, command: readonly string[], settings: Settings = {}): Target {
  return {
    name,
    format: "events",
    start: ({ modelUrl, ...options }) =>
      startServer({
        name,
        command: () => command,
        env: (port) => ({ ...productionSettings(port, modelUrl), ...settings }),
        ...options,
      }),
    stream: (url, question) =>
      post(`${url}/chat`, body(question), visitorHeaders(visitorOf(question))),
    json: (url, question) =>
      post(`${url}/v1/chat`, body(question), visitorHeaders(visitorOf(question))),
  };
}

export const source = chatporch("chatporch (source)", [
  process.execPath,
  join(ROOT, "src/main.ts"),
]);

export function binary(path: string, settings?: Settings): Target {
  return chatporch("chatporch", [resolve(path)], settings);
}

const ORIGIN = "https://www.example.com";
/** A visitor asks this many questions, one after another. */
const QUESTIONS_PER_VISITOR = 3;

function visitorOf({ number }: Question): number {
  return Math.floor(number / QUESTIONS_PER_VISITOR);
}

function body(question: Question) {
  return { sessionId: `visitor-${visitorOf(question)}`, message: questionText(question) };
}

/** The headers of a visitor's request: the widget key, a website's origin, and the visitor's address. */
export function visitorHeaders(visitor: number): Record<string, string> {
  return { "x-api-key": WIDGET_KEY, origin: ORIGIN, "x-forwarded-for": addressOf(visitor) };
}

/** One of 16 million addresses, as a proxy would report it. */
function addressOf(number: number): string {
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/** A request for the events of a turn after the given number. */
export function resumeRequest(
  url: string,
  { turnId, after, question }: { turnId: string; after: number; question: Question },
): Request {
  const headers = visitorHeaders(visitorOf(question));
  return new Request(`${url}/v1/chat/stream/${turnId}?after=${after}`, {
    headers: { ...headers, accept: "application/x-ndjson" },
  });
}

let ownerRequests = 0;

/** The address of the owner's next request: each one comes from another, because of the rate limit. */
export function ownerAddress(): string {
  return addressOf(ownerRequests++);
}

/** A request to chatporch's admin API. */
export function adminRequest(url: string, path: string): Request {
  return new Request(`${url}/v1/admin/conversations${path}`, {
    headers: { "x-admin-api-key": ADMIN_KEY, "x-forwarded-for": ownerAddress() },
  });
}

export function post(url: string, json: object, headers: Record<string, string> = {}): Request {
  return new Request(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(json),
  });
}
