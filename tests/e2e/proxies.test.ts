import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ask, KEYS, resume, turnIdOf } from "../../harness/chat-requests.ts";
import {
  type ModelServer,
  pacedAnswer,
  silence,
  startModelServer,
} from "../../harness/model-server.ts";
import { cleanUp, type RunningServer, startChatporch } from "../../harness/process.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import {
  documentedSite,
  hasProxy,
  PROXY_NAMES,
  type ProxyName,
  type RunningProxy,
  sayWhichAreMissing,
  startProxy,
} from "../support/proxies.ts";

/** Each proxy of docs/running.md runs with its configuration from there. */

setDefaultTimeout(30_000);

const PASSWORD = "password-for-e2e-tests";
const MEDIA_TYPES = ["text/event-stream", "application/x-ndjson"];
/** HAProxy without http-no-delay holds back every part for 200 ms. */
const HELD_BACK_MS = 150;
const FORGED = "203.0.113.113";

let model: ModelServer;
let server: RunningServer;
const proxies = new Map<ProxyName, RunningProxy>();

const installed = PROXY_NAMES.filter(hasProxy);
sayWhichAreMissing(PROXY_NAMES);

beforeAll(async () => {
  model = startModelServer();
  server = await startChatporch({
    ...KEYS,
    OPENAI_BASE_URL: model.url,
    TRUST_PROXY: "1",
    DASHBOARD_PASSWORD: PASSWORD,
    ABANDONED_TURN_GRACE_MS: "0",
    RATE_LIMIT_MAX_REQUESTS: "1000",
    MAX_STREAMS_PER_ADDRESS: "100",
  });
  for (const name of installed) {
    proxies.set(name, await startProxy(name, await documentedSite(name, server.url)));
  }
});

afterAll(async () => {
  await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
  await cleanUp();
  await model.stop();
});

function urlOf(name: ProxyName): string {
  return proxies.get(name)?.url ?? "";
}

let sessions = 0;
/** Asks in a session of its own. Resolves with the model's call for the question. */
async function askAnew(url: string, accept = "text/event-stream", signal?: AbortSignal) {
  const index = model.calls.length;
  const sessionId = `visitor-${sessions++}`;
  const response = await ask(url, "Hi", {
    sessionId,
    headers: { accept },
    ...(signal ? { signal } : {}),
  });
  return { reader: followBody(response), call: await model.call(index) };
}

describe.each(installed)("through %s as docs/running.md sets it up", (name) => {
  test.each(MEDIA_TYPES)("each token of %s arrives before the next one is sent", async (accept) => {
    model.script = silence;
    const { reader, call } = await askAnew(urlOf(name), accept);
    const delaysMs: number[] = [];
    for (const word of ["one ", "two ", "three ", "four "]) {
      const sentAt = performance.now();
      call.token(word);
      await reader.until(`"token":"${word}"`);
      delaysMs.push(performance.now() - sentAt);
    }
    call.finish();
    expect(await reader.end()).toContain('"type":"done"');
    expect(Math.min(...delaysMs)).toBeLessThan(HELD_BACK_MS);
  });

  test("the model's connection is closed when the visitor leaves", async () => {
    model.script = pacedAnswer(
      Array.from({ length: 200 }, (_, index) => `${index} `),
      50,
    );
    const leaving = new AbortController();
    const { reader, call } = await askAnew(urlOf(name), undefined, leaving.signal);
    await reader.until("event: token");
    leaving.abort();
    await call.left;
  });

  test("an answer can be resumed after its connection broke", async () => {
    model.script = silence;
    const { reader, call } = await askAnew(urlOf(name));
    call.token("one ");
    const turnId = turnIdOf(await reader.until('"token":"one "'));
    const resumed = followBody(await resume(urlOf(name), turnId, 2));
    await reader.cancel();
    call.token("two");
    call.finish();
    const events = parseSse(await resumed.end()).map(({ id, data }) => [id, data.type]);
    expect(events).toEqual([
      ["3", "token"],
      ["4", "done"],
    ]);
  });

  test.each([
    [1_900_000, 400, "invalid_request"],
    [2_500_000, 413, "body_too_large"],
  ])("a body of %d bytes gets the answer of chatporch itself", async (size, status, code) => {
    const response = await ask(urlOf(name), "x".repeat(size));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  test("the owner logs into the dashboard on an unusual port", async () => {
    const url = urlOf(name);
    const response = await fetch(`${url}/dashboard/login`, {
      method: "POST",
      headers: { origin: url, "sec-fetch-site": "same-origin" },
      body: new URLSearchParams({ password: PASSWORD }),
      redirect: "manual",
    });
    expect(response.status).toBe(303);
    const target = new URL(response.headers.get("location") ?? "", url);
    expect(target.href).toBe(`${url}/dashboard`);
    const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
    const page = await fetch(target, { headers: { cookie }, redirect: "manual" });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<h1>");
  });

  test("a visitor counts as the address that the proxy saw, whatever X-Forwarded-For it sends", async () => {
    const response = await fetch(`${urlOf(name)}/v1/admin/diagnostics/request`, {
      headers: { "x-admin-api-key": KEYS.ADMIN_API_KEY ?? "", "x-forwarded-for": FORGED },
    });
    expect(await response.json()).toMatchObject({ client: "127.0.0.1" });
  });
});
