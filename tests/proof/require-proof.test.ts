import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type Solvable, solveProof } from "../../harness/proof-solver.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { createObservedModel, type Observed, observeWrites } from "../support/observed.ts";
import {
  ALLOWED_ORIGIN,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** Questions above the soft limit need a proof of work. */

const ASK_PATHS = ["/v1/chat", "/v1/chat/stream", "/chat"];
const PROGRAM_KEY = "program-key-for-tests-0123456789";
const SESSION = "visitor-1";
/** Half of the rate limit of these tests. */
const FREE = 5;
const ON = {
  PROOF_OF_WORK: "on",
  PROGRAM_API_KEY: PROGRAM_KEY,
  RATE_LIMIT_MAX_REQUESTS: `${2 * FREE}`,
  TRUST_PROXY: "1",
};

let app: TestApp;
let model: Observed<ChatModel>;
let store: Observed<Store>;

function start(env: Record<string, string> = ON): void {
  model = createObservedModel();
  store = observeWrites(openSqliteStore(":memory:"));
  app = createTestApp({
    env,
    model: model.part,
    store: store.part,
    peerAddress: () => "127.0.0.1",
  });
}

beforeEach(() => start());
afterEach(() => app.close());

interface Asked {
  readonly path?: string;
  readonly sessionId?: string;
  readonly headers?: Record<string, string>;
}

let addresses = 0;

/** An address that has used nothing of its limit. */
function newAddress(): string {
  addresses += 1;
  return `203.0.113.${addresses % 250}`;
}

async function ask(address: string, asked: Asked = {}): Promise<Response> {
  const { path = "/v1/chat", sessionId = SESSION, headers = {} } = asked;
  const body = { sessionId, message: "Hi" };
  const init = chatRequest(body, { "x-forwarded-for": address, ...headers });
  const response = await app.fetch(path, init);
  // The answer has ended before the session's next question.
  return new Response(await response.text(), response);
}

/** Uses what an address has below the soft limit. */
async function useUpFreeQuestions(address: string): Promise<void> {
  for (let count = 0; count < FREE; count++) {
    await app.fetch("/v1/sessions", {
      method: "POST",
      headers: { "x-api-key": WIDGET_KEY, "x-forwarded-for": address },
    });
  }
}

interface Refusal {
  readonly code: string;
  readonly challenge: Solvable & { readonly algorithm: string; readonly expiresAt: number };
}

async function refusalOf(response: Response): Promise<Refusal> {
  expect(response.status).toBe(401);
  const refusal = (await response.json()) as Refusal;
  expect(refusal.code).toBe("proof_required");
  return refusal;
}

/** An address above the soft limit, and what it has to solve. */
async function challenged(sessionId = SESSION) {
  const address = newAddress();
  await useUpFreeQuestions(address);
  const { challenge } = await refusalOf(await ask(address, { sessionId }));
  return { address, challenge, headers: { "x-proof": solveProof(challenge) } };
}

function proofs(): Record<string, number> {
  const lines = app.metrics.write().matchAll(/^chatporch_proofs_total\{result="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, result = "", count]) => [result, Number(count)]));
}

describe.each(ASK_PATHS)("at %s a question above the soft limit", (path) => {
  test("is refused with a challenge, and reaches neither the model nor the store", async () => {
    const address = newAddress();
    await useUpFreeQuestions(address);
    const response = await ask(address, { path, headers: { origin: ALLOWED_ORIGIN } });
    expect(response.headers.get("access-control-allow-origin")).toBe(ALLOWED_ORIGIN);
    expect(response.headers.has("retry-after")).toBe(false);
    const { challenge, ...rest } = (await response.clone().json()) as Refusal;
    expect(challenge).toEqual({
      token: expect.stringMatching(/^v1\.[\w-]{48}\.[\w-]{43}$/),
      algorithm: "SHA-256",
      parts: 16,
      bits: 12,
      expiresAt: app.clock.now() + 10 * 60_000,
    });
    const answer = await readAnswer(response);
    expectError({ ...answer, body: JSON.stringify(rest) }, "proof_required");
    expect({ model: model.calls, store: store.calls }).toEqual({ model: [], store: [] });
  });

  test("is answered with the solution", async () => {
    const { address, headers } = await challenged();
    const response = await ask(address, { path, headers });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("Hello there");
    expect(proofs()).toEqual({ required: 1, accepted: 1, refused: 0 });
  });
});

describe("the soft limit", () => {
  test("is half of an address's limit, which other requests than questions use, too", async () => {
    const address = newAddress();
    for (let count = 0; count < FREE; count++) expect((await ask(address)).status).toBe(200);
    await refusalOf(await ask(address));
    expect((await ask(newAddress())).status).toBe(200);
    app.clock.advance(60_000);
    expect((await ask(address)).status).toBe(200);
  });

  test("is also half of the limit of a wider network", async () => {
    // A /48 has 16 times the limit of an address.
    const half = (16 * 2 * FREE) / 2;
    for (let count = 0; count < half; count++) {
      const site = count.toString(16).padStart(2, "0");
      expect((await ask(`2001:db8:1:${site}00::1`)).status).toBe(200);
    }
    await refusalOf(await ask("2001:db8:1:ff00::1"));
    expect((await ask("2001:db8:2:ff00::1")).status).toBe(200);
  });

  test("does not exist by default: all requests of the limit pass without a proof", async () => {
    await app.close();
    start({ RATE_LIMIT_MAX_REQUESTS: "60", TRUST_PROXY: "1" });
    const address = newAddress();
    for (let count = 0; count < 60; count++) expect((await ask(address)).status).toBe(200);
    expect((await ask(address)).status).toBe(429);
    expect(proofs()).toEqual({ required: 0, accepted: 0, refused: 0 });
  });

  test.each([
    [{ PROOF_OF_WORK: "auto" }, 200],
    [{ PROOF_OF_WORK: "auto", BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1000000000" }, 401],
    [{ PROOF_OF_WORK: "auto", BUDGET_UNIT: "tokens", BUDGET_PER_MONTH: "1000000000" }, 401],
    [{ BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1000000000" }, 401],
    [{ PROOF_OF_WORK: "off", BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "1000000000" }, 200],
    [{ PROOF_OF_WORK: "off" }, 200],
    [{ PROOF_OF_WORK: "on" }, 401],
  ])("exists with %j if the answer above it is %d", async (env, status) => {
    await app.close();
    start({ ...ON, PROOF_OF_WORK: "", ...env });
    const address = newAddress();
    await useUpFreeQuestions(address);
    expect((await ask(address)).status).toBe(status);
  });

  test("does not concern programs with a key of their own", async () => {
    const address = newAddress();
    const headers = { "x-api-key": PROGRAM_KEY };
    for (let count = 0; count < 2 * FREE; count++) {
      expect((await ask(address, { headers })).status).toBe(200);
    }
    expect((await ask(address, { headers })).status).toBe(429);
  });

  test("makes nobody work for an answer while the model is off", async () => {
    await app.close();
    start({ ...ON, MODEL_CALLS: "off" });
    const address = newAddress();
    await useUpFreeQuestions(address);
    expect(await (await ask(address)).json()).toMatchObject({ code: "model_off" });
  });

  test("lets requests pass that ask nothing", async () => {
    const address = newAddress();
    await useUpFreeQuestions(address);
    const headers = { "x-api-key": WIDGET_KEY, "x-forwarded-for": address };
    expect((await app.fetch("/v1/sessions", { method: "POST", headers })).status).toBe(200);
    const history = await app.fetch("/v1/chat/history?sessionId=s_1", { headers });
    expect(await history.json()).toMatchObject({ code: "session_token_invalid" });
  });

  test("lets a client go on that repeats its question because its stream broke", async () => {
    const address = newAddress();
    const keyed = { path: "/v1/chat/stream", headers: { "idempotency-key": "once" } };
    expect((await ask(address, keyed)).status).toBe(200);
    await useUpFreeQuestions(address);
    const again = { ...keyed, headers: { ...keyed.headers, "last-event-id": "2" } };
    const response = await ask(address, again);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("event: done");
    expect(model.calls).toHaveLength(1);
  });
});

describe("a solution", () => {
  test("is good for ten questions, and then for none", async () => {
    await app.close();
    // The address may ask more than twice ten times.
    start({ ...ON, RATE_LIMIT_MAX_REQUESTS: "40" });
    const address = newAddress();
    for (let count = 0; count < 20; count++) await ask(address);
    const { challenge } = await refusalOf(await ask(address));
    const headers = { "x-proof": solveProof(challenge) };
    for (let count = 0; count < 10; count++) {
      const path = ASK_PATHS[count % ASK_PATHS.length] ?? "";
      expect([count, (await ask(address, { path, headers })).status]).toEqual([count, 200]);
    }
    const refusal = await refusalOf(await ask(address, { headers }));
    expect(refusal.challenge.token).not.toBe(challenge.token);
    const next = { "x-proof": solveProof(refusal.challenge) };
    expect((await ask(address, { headers: next })).status).toBe(200);
  });

  test("is good for ten questions that come at once, however they are spread", async () => {
    await app.close();
    start({ ...ON, RATE_LIMIT_MAX_REQUESTS: "80" });
    const address = newAddress();
    for (let count = 0; count < 40; count++) await ask(address);
    const { challenge } = await refusalOf(await ask(address));
    const headers = { "x-proof": solveProof(challenge) };
    const asked = Array.from({ length: 30 }, () => ask(address, { headers }));
    const codes = (await Promise.all(asked)).map(({ status }) => status);
    expect(codes.filter((status) => status === 401)).toHaveLength(20);
  });

  test("is not counted while none is needed", async () => {
    const { address, headers } = await challenged();
    app.clock.advance(60_000);
    for (let count = 0; count < FREE; count++) {
      expect((await ask(address, { headers })).status).toBe(200);
    }
    expect(proofs()).toEqual({ required: 1, accepted: 0, refused: 0 });
  });

  test("is refused after ten minutes", async () => {
    const { address, headers } = await challenged();
    app.clock.advance(10 * 60_000);
    await useUpFreeQuestions(address);
    await refusalOf(await ask(address, { headers }));
  });

  test("is refused from another address and in another session", async () => {
    const { address, headers } = await challenged();
    const stranger = newAddress();
    await useUpFreeQuestions(stranger);
    await refusalOf(await ask(stranger, { headers }));
    await refusalOf(await ask(address, { headers, sessionId: "visitor-2" }));
    expect((await ask(address, { headers })).status).toBe(200);
    expect(proofs()).toEqual({ required: 1, accepted: 1, refused: 2 });
  });

  test("is refused when it is wrong, in whatever way, and the refusal is the same", async () => {
    const { challenge } = await challenged();
    const { token } = challenge;
    const good = solveProof(challenge);
    const numbers = good.slice(token.length + 1).split("-");
    const sent = [
      "",
      "x",
      token,
      `${token}~`,
      `${token}~${numbers.slice(1).join("-")}`,
      `${good}-0`,
      `${token}~${numbers.map((number) => `${Number(number) + 1}`).join("-")}`,
      `${token}~${numbers.join("-")}, ${token}~${numbers.join("-")}`,
      good.replace("v1.", "v2."),
      `a${good}`,
      "9".repeat(15_000),
    ];
    for (const proof of sent) {
      const address = newAddress();
      await useUpFreeQuestions(address);
      const { challenge: next, ...rest } = await refusalOf(
        await ask(address, { headers: { "x-proof": proof } }),
      );
      expect(Object.keys(rest)).toEqual(["error", "code", "requestId"]);
      expect(next.token).not.toBe(token);
    }
    expect(model.calls).toEqual([]);
  });
});

test("a proof is asked for after the origin, the limit, the key, the shape and the session", async () => {
  const { address } = await challenged();
  const from = { "x-forwarded-for": address };
  const codeOf = async (init: RequestInit) =>
    ((await (await app.fetch("/v1/chat", init)).json()) as Refusal).code;
  const question = { sessionId: SESSION, message: "Hi" };
  expect(await codeOf(chatRequest(question, { ...from, origin: "https://evil.example" }))).toBe(
    "origin_not_allowed",
  );
  const minted = { sessionId: `s_${"A".repeat(22)}`, message: "Hi" };
  expect(await codeOf(chatRequest(minted, from))).toBe("session_token_invalid");
  expect(await codeOf(chatRequest({ sessionId: SESSION }, from))).toBe("invalid_request");
  const wrongKey = { ...from, "x-api-key": "wrong-key-0123456789-0123456789" };
  expect(await codeOf(chatRequest(question, wrongKey))).toBe("unauthorized");
  expect(await codeOf(chatRequest(question, from))).toBe("rate_limited");
  expect(model.calls).toEqual([]);
});
