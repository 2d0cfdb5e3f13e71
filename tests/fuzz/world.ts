import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { type Answer, readAnswer } from "../support/answers.ts";
import { formTokenIn, logIn } from "../support/dashboard-requests.ts";
import { observeWrites } from "../support/observed.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  DASHBOARD_PASSWORD,
  METRICS_KEY,
  OTHER_ADMIN_KEY,
  OTHER_WIDGET_KEY,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";
import type { Exchange, Sent } from "./exchange.ts";
import { type Contract, SETTINGS } from "./oracle/contract.ts";
import { CANARY } from "./oracle/leaks.ts";
import { createFill, encodeBody, type Fill, type Recipe } from "./requests/recipe.ts";
import { createScriptedModel } from "./scripted-model.ts";
import { readAnswers } from "./wire-answers.ts";
import { talk } from "./wire.ts";

/** After this many requests the stored conversations are checked and erased, so that lists stay short. */
const ROUND = 400;
/** The clock's step between requests: 600 requests in the limiter's window of a minute. */
const REQUEST_EVERY_MS = 100;
/** Paths whose answers end by themselves only after minutes, or never. */
export const ENDLESS =
  /^\/(?:v1\/chat\/events|v1\/admin\/diagnostics\/stream|dashboard\/events)\/?$/;

interface WorldOptions {
  readonly maxRequests: number;
  readonly requestEveryMs?: number;
}

/** A server with production settings and a model in this process, and what its clients know. */
export class World {
  readonly app: TestApp;
  readonly contract: Contract;
  /** The number of answers by status. */
  readonly statuses = new Map<number, number>();
  /** The names of the store's writes so far. */
  readonly writes: readonly string[];
  /** Replaces a recipe's names with values of this world. */
  readonly fill: Fill;
  readonly #requestEveryMs: number;
  readonly #answered = new Set<string>();
  #untold = 0;
  #hidden = 0;
  #sent = 0;
  #nextRound = ROUND;
  #turn = "";
  #conversation = "";
  #session = { sessionId: "", sessionToken: "" };
  #cookie = "";
  #formToken = "";

  private constructor(app: TestApp, writes: readonly string[], options: WorldOptions, doc: object) {
    this.app = app;
    this.writes = writes;
    this.#requestEveryMs = options.requestEveryMs ?? REQUEST_EVERY_MS;
    const isLimited = options.requestEveryMs !== undefined;
    this.contract = { routes: app.app.routes, document: { ...doc }, isLimited };
    this.fill = createFill(
      new Map([
        ["canary", () => `${CANARY}${this.#sent}`],
        ["turn", () => this.#turn],
        ["conversation", () => this.#conversation],
        ["session", () => this.#session.sessionId],
        ["sessionToken", () => this.#session.sessionToken],
        ["cookie", () => this.#cookie],
        ["formToken", () => this.#formToken],
        ["password", () => DASHBOARD_PASSWORD],
        ["widgetKey", () => WIDGET_KEY],
        ["otherWidgetKey", () => OTHER_WIDGET_KEY],
        ["partOfWidgetKey", () => WIDGET_KEY.slice(0, -1)],
        ["adminKey", () => ADMIN_KEY],
        ["otherAdminKey", () => OTHER_ADMIN_KEY],
        ["partOfAdminKey", () => ADMIN_KEY.slice(0, -1)],
        ["metricsKey", () => METRICS_KEY],
      ]),
    );
  }

  static async create(options: WorldOptions): Promise<World> {
    const store = observeWrites(openSqliteStore(":memory:"));
    const app = createTestApp({
      env: { ...SETTINGS, PERSON: "always", RATE_LIMIT_MAX_REQUESTS: String(options.maxRequests) },
      config: { limits: { maxLoginAttempts: Math.min(options.maxRequests, 20) } },
      model: createScriptedModel(),
      store: store.part,
    });
    const response = await app.fetch("/v1/openapi.json");
    const document: object = JSON.parse(await response.text());
    const world = new World(app, store.calls, options, document);
    await world.#begin();
    return world;
  }

  /** Sends the request in process, and waits until the server has written its lines about it. */
  async send(recipe: Recipe): Promise<Exchange> {
    await this.#beginAnewWhenDue();
    return this.#exchange(recipe, (_sent, request) => this.#handle(request));
  }

  /** Sends the requests at once. The writes and the lines then cannot be assigned to single requests. */
  async sendTogether(recipes: readonly Recipe[]): Promise<Exchange[]> {
    await this.#beginAnewWhenDue();
    return Promise.all(
      recipes.map((recipe) => this.#exchange(recipe, (_sent, request) => this.#handle(request))),
    );
  }

  /** Sends the request over a socket, byte for byte as the recipe says. */
  async sendTo(base: string, recipe: Recipe): Promise<Exchange> {
    await this.#beginAnewWhenDue();
    const target = this.fill(`${recipe.path}${recipe.query}`);
    return this.#exchange(recipe, (sent) => ask(base, target, sent));
  }

  async #exchange(recipe: Recipe, transport: Transport): Promise<Exchange> {
    this.#sent += 1;
    const firstWrite = this.writes.length;
    const body = recipe.body && encodeBody(recipe.body, this.fill);
    const request = this.#request(recipe, body);
    const sent = { ...describe(request), body };
    const answer = await transport(sent, request);
    await new Promise((resolve) => setImmediate(resolve));
    this.app.clock.advance(this.#requestEveryMs);
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    const writes = this.writes.slice(firstWrite);
    const hidden = this.#hidden;
    this.#hidden += writes.filter((write) => write === "hideConversation").length;
    const tokens = [this.#cookie.split("=").at(-1) ?? "", this.#session.sessionToken];
    const lines = this.app.lines.splice(0);
    if (writes.includes("beginTurn")) this.#noteTurn(answer);
    if (answer.headers.get("location") === "/dashboard/login") await this.#logIn();
    return { sent, answer, writes, hidden, lines, tokens };
  }

  async #handle(request: Request): Promise<Answer> {
    const { pathname } = new URL(request.url);
    const isEndless = ENDLESS.test(pathname) && request.method === "GET";
    if (!isEndless) return readAnswer(await this.app.app.handle(request));
    const connection = new AbortController();
    const { signal } = connection;
    const response = await this.app.app.handle(new Request(request, { signal }));
    const beginning = await readBeginning(response);
    // As Bun does when a client leaves. Silent streams that nobody reads would stay open, and there is a maximum of them.
    connection.abort();
    return beginning;
  }

  /** The ids of stored turns that no answer has named. */
  async unexplainedTurns(): Promise<string[]> {
    const messages = await this.app.store.exportMessages(0, Number.MAX_SAFE_INTEGER);
    const turns = messages.filter(({ author }) => author === undefined);
    const unknown = new Set(turns.map(({ turnId }) => turnId)).difference(this.#answered);
    return unknown.size > this.#untold ? [...unknown] : [];
  }

  async close(): Promise<void> {
    await this.app.close();
  }

  #request(recipe: Recipe, body: Uint8Array<ArrayBuffer> | undefined): Request {
    const { method, path, query, headers: pairs } = recipe;
    const headers = new Headers();
    for (const [name, value] of pairs) headers.append(this.fill(name), this.fill(value));
    const url = `http://localhost${this.fill(path)}${this.fill(query)}`;
    return new Request(url, { method, headers, ...(body ? { body } : {}) });
  }

  /** Notes the ids of an accepted question; a failed answer that is not streamed names no id. */
  #noteTurn({ status, body }: Answer): void {
    const [, turnId] = /"turnId":"([^"]+)"/.exec(body) ?? [];
    const [, conversationId] = /"conversationId":"([^"]+)"/.exec(body) ?? [];
    if (turnId !== undefined) this.#answered.add(turnId);
    else if (status >= 500) this.#untold += 1;
    this.#turn = turnId ?? this.#turn;
    this.#conversation = conversationId ?? this.#conversation;
  }

  async #beginAnewWhenDue(): Promise<void> {
    if (this.#sent < this.#nextRound) return;
    this.#nextRound = this.#sent + ROUND;
    const unexplained = await this.unexplainedTurns();
    if (unexplained.length > 0)
      throw new Error(`Stored, but named by no answer: ${unexplained.join()}`);
    let isDone = false;
    while (!isDone)
      ({ isDone } = await this.app.store.expireConversations(Number.MAX_SAFE_INTEGER));
    this.#answered.clear();
    this.#untold = 0;
    this.#hidden = 0;
    await this.#begin();
  }

  /** Makes a session with a question and its answer, and logs the owner in. */
  async #begin(): Promise<void> {
    // A new window begins, in which no budget is used up.
    this.app.clock.advance(this.app.config.limits.rateLimitWindowMs);
    const minting = await this.app.fetch("/v1/sessions", { ...chatRequest(""), body: null });
    this.#session = JSON.parse(await minting.text());
    const { sessionId, sessionToken } = this.#session;
    const asked = chatRequest(
      { sessionId, message: "question" },
      { "x-session-token": sessionToken },
    );
    this.#noteTurn(await readAnswer(await this.app.fetch("/v1/chat", asked)));
    await this.#logIn();
    this.app.lines.length = 0;
  }

  async #logIn(): Promise<void> {
    this.app.clock.advance(this.app.config.limits.rateLimitWindowMs);
    this.#cookie = await logIn(this.app);
    const page = await this.app.fetch("/dashboard", { headers: { cookie: this.#cookie } });
    this.#formToken = formTokenIn(await page.text());
  }
}

type Transport = (sent: Sent, request: Request) => Promise<Answer>;

/** Sends the request on a connection of its own. Resolves with the one answer to it. */
async function ask(base: string, target: string, sent: Sent): Promise<Answer> {
  const { method, host, headers, body = new Uint8Array() } = sent;
  headers.set("content-length", String(body.length));
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = [
    Buffer.from(`${method} ${target} HTTP/1.1\r\nhost: ${host}\r\n`),
    Buffer.from(`${lines}connection: close\r\n\r\n`, "latin1"),
  ];
  const received = await talk(base, [Buffer.concat([...head, body])], { isClosing: true });
  const { answers, rest } = readAnswers(received, { isHead: method === "HEAD" });
  const [answer] = answers;
  if (answer === undefined || answers.length > 1 || rest !== "") {
    throw new Error(`Not one answer: ${received.toString()}`);
  }
  return answer;
}

/** The request as the server gets it: unlike the recipe's, its path is normalised. */
function describe({ method, url, headers }: Request): Omit<Sent, "body"> {
  const [, host = "", path = "", query = ""] = /^http:\/\/([^/]*)([^?]*)(.*)$/s.exec(url) ?? [];
  return { method, path, query, host, headers };
}

/** Reads the first bytes of an answer that does not end by itself. */
async function readBeginning({ status, headers, body }: Response): Promise<Answer> {
  const reader = body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return { status, headers, body: new TextDecoder().decode(first?.value) };
}
