import { afterEach, describe, expect, test } from "bun:test";

import { completion, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { askAsOwner, readList } from "../support/admin-requests.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { openRaw } from "../support/raw-http.ts";
import { storeExchange } from "../support/stored-turns.ts";
import { chatRequest, WIDGET_KEY } from "../support/test-app.ts";
import { startVisitors, type Visitors } from "../support/visitors.ts";

describe("API4:2023 Unrestricted Resource Consumption", () => {
  let visitors: Visitors;
  let upstream: ModelServer | undefined;
  afterEach(async () => {
    await visitors.close();
    await upstream?.stop();
    upstream = undefined;
  });

  test("the most expensive question has bounded messages, characters and tokens, whatever was said before", async () => {
    upstream = startModelServer(() => Response.json(completion("y".repeat(1000))));
    const env = { MAX_HISTORY_MESSAGES: "6", MAX_OUTPUT_TOKENS: "50" };
    visitors = startVisitors({ modelUrl: upstream.url, env });
    const session = await visitors.mint();
    for (let i = 0; i < 8; i++) {
      expect((await visitors.ask(session, "x".repeat(4000))).status).toBe(200);
    }
    expect((await visitors.ask(session, "x".repeat(4001))).status).toBe(400);
    expect(upstream.calls).toHaveLength(8);
    for (const { body } of upstream.calls) {
      expect(body.max_tokens).toBe(50);
      expect(body.messages.length).toBeLessThanOrEqual(1 + 6);
    }
  });

  test("a new session for every question does not get around the address's budget", async () => {
    visitors = startVisitors({ env: { RATE_LIMIT_MAX_REQUESTS: "10" } });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const minted = await visitors.get("/v1/sessions", undefined, "POST");
      statuses.push(minted.status);
      const sessionId = `visitor-${i}`;
      const body = JSON.stringify({ sessionId, message: "Hi" });
      statuses.push((await visitors.post("/v1/chat", body)).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429, 429]);
  });

  test("a compressed body is not decompressed", async () => {
    visitors = startVisitors();
    const bomb = Bun.gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
    for (const encoding of ["gzip", "deflate", "br", "zstd", "identity"]) {
      const init = chatRequest("", { "content-encoding": encoding });
      const answer = await readAnswer(
        await visitors.app.fetch("/v1/chat", { ...init, body: bomb }),
      );
      expectError(answer, "invalid_json");
    }
  });

  test("headers and addresses that are too long are refused before they are read", async () => {
    visitors = startVisitors();
    const base = visitors.app.listen();
    const long = "a".repeat(100_000);
    for (const request of [
      `GET /v1/chat/history?sessionId=${long} HTTP/1.1\r\nHost: a\r\nx-api-key: ${WIDGET_KEY}\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: a\r\nCookie: ${long}\r\n\r\n`,
      `GET /health HTTP/1.1\r\nHost: a\r\n${"x: y\r\n".repeat(20_000)}\r\n`,
    ]) {
      const connection = await openRaw(base);
      connection.write(request);
      await connection.closed;
      expect(connection.text()).toMatch(/^HTTP\/1\.1 4(?:00|31) /);
      expect(connection.text()).not.toMatch(/\r\n(?:Server|X-Powered-By):/i);
    }
    expect((await fetch(`${base}/health`)).status).toBe(200);
  });

  test("a query of thousands of names is refused with an error of the usual shape", async () => {
    visitors = startVisitors();
    const query = Array.from({ length: 2000 }, (_, i) => `n${i}=1`).join("&");
    const answer = await readAnswer(await askAsOwner(visitors.app, `?${query}`));
    expectError(answer, "invalid_request", ["n1999"]);
    expect(JSON.parse(answer.body)).toHaveProperty("details", [
      { path: "", message: "has a property that is not part of it" },
    ]);
  });

  test("a list has 200 conversations at most, and a visitor's history 500 messages", async () => {
    visitors = startVisitors();
    const { store } = visitors.app;
    const session = await visitors.mint();
    for (let i = 0; i < 260; i++) {
      await storeExchange(store, { sessionId: session.id, question: `question ${i}` });
      await storeExchange(store, { sessionId: `visitor-${i}` });
    }
    const history = await visitors.history(`sessionId=${session.id}`, session.token);
    const { messages } = (await history.json()) as { messages: { content: string }[] };
    expect(messages).toHaveLength(500);
    expect(messages.at(-2)?.content).toBe("question 259");
    expect((await readList(visitors.app, { limit: "200" })).conversations).toHaveLength(200);
    for (const limit of ["201", "1e3", "999999", "-1", "0", "all", ""]) {
      expect((await askAsOwner(visitors.app, `?limit=${limit}`)).status).toBe(400);
    }
    const owner = await openDashboard(visitors.app);
    const { body } = await owner.get("/dashboard/conversations?limit=999999");
    expect(body.match(/href="\/dashboard\/conversations\/c_/g)?.length).toBeLessThanOrEqual(50);
  });

  test("HEAD requests, preflights and prefetches never ask the model", async () => {
    upstream = startModelServer();
    visitors = startVisitors({ modelUrl: upstream.url });
    const headers = { "x-api-key": WIDGET_KEY, purpose: "prefetch", "sec-purpose": "prefetch" };
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
      for (const method of ["GET", "HEAD", "OPTIONS", "PUT", "PATCH"]) {
        const query = "?sessionId=a&message=Hi";
        await visitors.app.fetch(`${path}${query}`, { method, headers });
      }
    }
    expect(upstream.calls).toEqual([]);
    expect((await readList(visitors.app)).total).toBe(0);
  });
});
