import { expect, spyOn, test } from "bun:test";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { IDLE_TIMEOUT_SECONDS } from "../../src/http/connection.ts";
import { STALLED_READER_SECONDS } from "../../src/http/slow-readers.ts";
import { ENDPOINTS } from "../support/endpoints.ts";
import { ADMIN_KEY, createTestApp, METRICS_KEY, WIDGET_KEY } from "../support/test-app.ts";

const KEYS = {
  "x-api-key": WIDGET_KEY,
  "x-admin-api-key": ADMIN_KEY,
  "x-metrics-key": METRICS_KEY,
};

test.each(ENDPOINTS.map((endpoint) => [`${endpoint.method} ${endpoint.route}`, endpoint] as const))(
  "a connection has its usual idle time-out again once the answer is over: %s",
  async (_, { sample, isEndless }) => {
    const model = startModelServer(answer("Hello there"));
    const app = createTestApp({ modelUrl: model.url });
    const { path, init } = await sample(app);
    const url = app.listen();
    if (!app.app.server) throw new Error("The app does not listen.");
    const setTimeOut = spyOn(app.app.server, "timeout");

    const headers = { ...KEYS, ...init.headers };
    const response = await fetch(url + path, { ...init, headers, redirect: "manual" });
    if (isEndless) {
      const events = followBody(response);
      await events.until("\n\n");
      await app.chat.drain(0);
      await events.end();
    } else {
      await response.arrayBuffer();
    }

    // The time-out for slow readers does not affect an answer that was read: see e2e/real-time.test.ts.
    const set = setTimeOut.mock.calls.map(([, seconds]) => seconds);
    const last = set.findLast((seconds) => seconds !== STALLED_READER_SECONDS);
    expect(last ?? IDLE_TIMEOUT_SECONDS).toBe(IDLE_TIMEOUT_SECONDS);
    await app.close();
    await model.stop();
  },
);

test("only streams and long answers set a time-out of their own", async () => {
  const app = createTestApp();
  const url = app.listen();
  if (!app.app.server) throw new Error("The app does not listen.");
  const setTimeOut = spyOn(app.app.server, "timeout");
  const body = JSON.stringify({ sessionId: "visitor", message: "Hi" });
  const headers = { ...KEYS, "content-type": "application/json" };
  await (await fetch(`${url}/v1/chat/stream`, { method: "POST", headers, body })).text();
  await (await fetch(`${url}/v1/admin/conversations/export`, { headers })).text();
  expect(setTimeOut.mock.calls.map(([, seconds]) => seconds)).toEqual([
    0,
    IDLE_TIMEOUT_SECONDS,
    120,
    IDLE_TIMEOUT_SECONDS,
  ]);
  await app.close();
});
