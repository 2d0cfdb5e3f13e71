import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { followBody } from "../../harness/streams.ts";
import { knownReplicas } from "../support/known-replicas.ts";
import { ADMIN_KEY, createTestApp, type TestApp } from "../support/test-app.ts";

const DIAGNOSTICS = "/v1/admin/diagnostics";
const headers = { "x-admin-api-key": ADMIN_KEY };

let app: TestApp;
beforeEach(() => {
  app = createTestApp({ env: { TRUST_PROXY: "1" } });
});
afterEach(() => app.close());

test("the owner is told how the request arrived and which client it counts as", async () => {
  const init = { headers: { ...headers, "x-forwarded-for": "203.0.113.1,  198.51.100.2" } };
  const response = await app.fetch(`${DIAGNOSTICS}/request`, init);
  expect(await response.json()).toMatchObject({
    forwardedFor: ["203.0.113.1", "198.51.100.2"],
    client: "198.51.100.2",
  });
});

test("a request without X-Forwarded-For is returned with an empty list", async () => {
  const response = await app.fetch(`${DIAGNOSTICS}/request`, { headers });
  expect(await response.json()).toMatchObject({ forwardedFor: [] });
});

describe("the replicas", () => {
  const replicasOf = async (reached: Readonly<Record<string, boolean | undefined>>) => {
    await app.close();
    app = createTestApp({ peers: knownReplicas(reached) });
    return (await app.fetch(`${DIAGNOSTICS}/replicas`, { headers })).json();
  };

  test("are named to the owner, with whether they hear the one that answers", async () => {
    expect(await replicasOf({ a: true, b: false })).toEqual({
      replicas: [
        {
          id: "a.1",
          host: "a",
          version: "1.2.3",
          startedAt: Date.UTC(2026, 10, 20),
          isSelf: true,
          isReached: true,
        },
        {
          id: "b.1",
          host: "b",
          version: "1.2.3",
          startedAt: Date.UTC(2026, 10, 21),
          isSelf: false,
          isReached: false,
        },
      ],
    });
  });

  test("without Redis are returned without whether they hear each other", async () => {
    expect(await replicasOf({ a: undefined })).toMatchObject({ replicas: [{ isReached: null }] });
  });
});

describe("the diagnostics stream", () => {
  test("sends its chunks one by one, then stays silent, then ends", async () => {
    const url = `${app.listen()}${DIAGNOSTICS}/stream?chunks=2&silence=1`;
    // What was read before is no measure: on a busy machine, it may have been sent long ago.
    const startedAt = performance.now();
    const reader = followBody(await fetch(url, { headers }));
    await reader.until("data: 1\n\n");
    expect(await reader.until("data: 2\n\n")).not.toContain("event: end");
    expect(performance.now() - startedAt).toBeGreaterThan(190);
    expect(await reader.end()).toEndWith("event: end\ndata: 1000\n\n");
    expect(performance.now() - startedAt).toBeGreaterThan(1190);
  });

  test("ends when its reader leaves, even while it is silent", async () => {
    const client = new AbortController();
    const init = { headers, signal: client.signal };
    const response = await app.fetch(`${DIAGNOSTICS}/stream?chunks=1&silence=240`, init);
    const reader = followBody(response);
    await reader.until("data: 1\n\n");
    client.abort();
    expect(await reader.end()).toBe("event: chunk\ndata: 1\n\n");
  });

  test.each(["chunks=0", "chunks=21", "chunks=1e1", "silence=241", "silence=-1", "more=1"])(
    "refuses ?%s",
    async (query) => {
      const response = await app.fetch(`${DIAGNOSTICS}/stream?${query}`, { headers });
      expect(response.status).toBe(400);
    },
  );
});
