import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";

import { EventSource } from "eventsource";

import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { TcpProxy } from "../../harness/tcp-proxy.ts";
import { closePages, hasBrowser, openPage } from "../support/browser.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";
import { startWebsite, type Website } from "../support/website.ts";

/** Third-party clients of server-sent events, over a connection that breaks in the middle of an answer. */

let model: ModelServer;
let app: TestApp;
let website: Website;
let proxy: TcpProxy;

beforeAll(() => {
  website = startWebsite();
});
beforeEach(async () => {
  model = startModelServer(silence);
  app = createTestApp({
    modelUrl: model.url,
    env: { CORS_ORIGIN: website.origin },
    config: { turns: { abandonedTurnGraceMs: 10_000 } },
  });
  proxy = await TcpProxy.start(Number(new URL(app.listen()).port));
});
afterEach(async () => {
  closePages();
  proxy.stop();
  await app.close();
  await model.stop();
});
afterAll(() => website.stop());

describe.skipIf(!hasBrowser)("@microsoft/fetch-event-source, in a browser", () => {
  async function openClient() {
    const built = await Bun.build({
      entrypoints: [require.resolve("@microsoft/fetch-event-source/lib/esm/index.js")],
      target: "browser",
      format: "esm",
    });
    const source = (await built.outputs[0]?.text()) ?? "";
    const url = `data:text/javascript;base64,${Buffer.from(source).toString("base64")}`;
    website.show("");
    const page = await openPage();
    await page.goto(website.origin);
    await page.evaluate(`import("${url}").then((library) => void (window.library = library))`);
    return page;
  }

  /** Used as its documentation shows: it tries again after every error. */
  const ask = (headers: Record<string, string>) => `void (
    window.seen = [],
    window.tries = 0,
    library.fetchEventSource("${proxy.url}/v1/chat/stream", {
      method: "POST",
      headers: ${JSON.stringify({ "content-type": "application/json", "x-api-key": WIDGET_KEY, ...headers })},
      body: JSON.stringify({ sessionId: "visitor", message: "Count" }),
      openWhenHidden: true,
      onmessage: ({ event, data }) => seen.push(JSON.parse(data).token ?? event),
      onerror: () => (tries++, 10),
    }).then(() => seen.push("closed"))
  )`;

  test("shows each token once when the connection breaks and it asks again", async () => {
    const page = await openClient();
    await page.evaluate(ask({ "idempotency-key": "once" }));
    const call = await model.call(0);
    call.token("one ");
    await page.waitFor("seen.includes('one ')");
    proxy.cut();
    await page.waitFor("tries > 0");
    call.token("two ");
    await page.waitFor("seen.includes('two ')");
    call.token("three");
    call.finish();
    await page.waitFor("seen.includes('closed')");
    expect(await page.evaluate("seen")).toEqual([
      "start",
      "one ",
      "two ",
      "three",
      "done",
      "closed",
    ]);
    expect(model.calls).toHaveLength(1);
  });

  test("stops when it asks again and already has everything", async () => {
    const page = await openClient();
    const headers = { "idempotency-key": "once" };
    const body = { sessionId: "visitor", message: "Count" };
    const first = followBody(await app.fetch("/v1/chat/stream", chatRequest(body, headers)));
    const call = await model.call(0);
    call.token("one");
    call.finish();
    await first.end();
    await page.evaluate(ask({ ...headers, "last-event-id": "3" }));
    await page.waitFor("seen.includes('closed')");
    expect(await page.evaluate("[seen, tries]")).toEqual([["closed"], 0]);
  });
});

test("the package eventsource resumes an answer where the connection broke, and stops when it is over", async () => {
  const body = { sessionId: "visitor", message: "Count" };
  const asked = followBody(await app.fetch("/v1/chat/stream", chatRequest(body)));
  const [, turnId] = /"turnId":"([^"]+)"/.exec(await asked.until("turnId")) ?? [];
  const call = await model.call(0);
  call.token("one ");

  const seen: string[] = [];
  let wake = () => {};
  const until = async (token: string) => {
    while (!seen.includes(token)) await new Promise<void>((resolve) => void (wake = resolve));
  };
  const source = new EventSource(`${proxy.url}/v1/chat/stream/${turnId}`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, "x-api-key": WIDGET_KEY } }),
  });
  for (const type of ["start", "token", "done"]) {
    source.addEventListener(type, ({ data }) => {
      const { token = type } = JSON.parse(data) as { token?: string };
      seen.push(token);
      wake();
    });
  }
  source.addEventListener("error", ({ code }) => {
    if (source.readyState !== source.CLOSED) return;
    seen.push(`closed ${code}`);
    wake();
  });

  await until("one ");
  proxy.cut();
  call.token("two ");
  await until("two ");
  call.finish();
  await until("closed 204");
  expect(seen).toEqual(["start", "one ", "two ", "done", "closed 204"]);
  await asked.end();
});
