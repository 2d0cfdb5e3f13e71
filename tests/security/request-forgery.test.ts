import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { loadConfig } from "../../src/config/load.ts";
import { form, logIn } from "../support/dashboard-requests.ts";
import { openRaw } from "../support/raw-http.ts";
import {
  readSourceFiles,
  type SourceFile,
  withoutCommentsAndText,
} from "../support/source-files.ts";
import {
  ADMIN_KEY,
  chatRequest,
  createTestApp,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/** Code that makes outgoing connections, found by the platform's functions and by imports. */
const REACHES_OUT =
  /\bfetch\s*\(|\bnew (?:WebSocket|EventSource|XMLHttpRequest|Worker)\b|(?<!#)\bconnect\s*\(|\bnew (?:SQL|RedisClient)\b/;
const NETWORK_MODULE =
  /(?:from|import|require)\s*\(?\s*["'](?:node:)?(?:https?2?|net|tls|dns|dgram|nodemailer)["']/;
/** What runs in the browser, and commands that the owner runs. */
const NOT_THE_SERVER =
  /^(?:widget|doctor|init)\/|^dashboard\/client[\w-]*\.ts$|^commands\/health\.ts$/;
/**
 * They connect to addresses of the settings. dial-fault says why such an address cannot be reached. What asks through
 * outbound judges each address before, and so does mail-server.
 */
const MAY_REACH_OUT =
  /^(?:model\/(?:catalogue|openai(?:-embeddings)?)|net\/(?:dial-fault|outbound)|notices\/mail-server|peers\/redis\/[\w-]+|store\/postgres\/[\w-]+)\.ts$/;

function reachesOut({ path, text }: SourceFile): boolean {
  if (NOT_THE_SERVER.test(path)) return false;
  return REACHES_OUT.test(withoutCommentsAndText(text)) || NETWORK_MODULE.test(text);
}

describe("API7:2023 Server Side Request Forgery", () => {
  let app: TestApp;
  let upstream: ModelServer;
  let bait: ReturnType<typeof Bun.serve>;
  let taken: string[];

  beforeEach(() => {
    taken = [];
    bait = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch(request) {
        taken.push(request.url);
        return new Response("internal");
      },
    });
    upstream = startModelServer(answer(`See http://127.0.0.1:${bait.port}/answer`));
    app = createTestApp({ modelUrl: upstream.url });
  });
  afterEach(async () => {
    await app.close();
    await upstream.stop();
    await bait.stop(true);
  });

  test("no address in a request makes the server connect to it", async () => {
    const url = `http://127.0.0.1:${bait.port}/bait`;
    const host = `127.0.0.1:${bait.port}`;
    const headers = {
      host,
      referer: url,
      "x-forwarded-host": host,
      "x-forwarded-proto": "http",
      "x-forwarded-for": "127.0.0.1",
      forwarded: `host=${host}`,
      "x-original-url": url,
      "x-callback-url": url,
      "x-wap-profile": url,
      "x-http-destinationurl": url,
      "openai-base-url": url,
      destination: url,
      link: `<${url}>; rel=preload`,
    };
    const asked = chatRequest({ sessionId: "a", message: `Fetch ${url} ![x](${url})` }, headers);
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
      expect(await (await app.fetch(path, asked)).text()).toContain("/answer");
    }
    const owner = { headers: { ...headers, "x-admin-api-key": ADMIN_KEY } };
    const query = `url=${url}&baseUrl=${url}&callback=${url}`;
    for (const path of [
      `/v1/admin/conversations?q=${encodeURIComponent(url)}`,
      "/v1/admin/conversations/export?format=csv",
      "/v1/admin/diagnostics/request",
      "/v1/openapi.json",
      `/widget/chat-widget.js?${query}`,
      `/health?${query}`,
    ]) {
      await (await app.fetch(path, owner)).text();
    }
    const cookie = await logIn(app);
    const page = { headers: { ...headers, cookie } };
    await (await app.fetch(`/dashboard/setup?${query}&welcome=${url}`, page)).text();
    await app.fetch("/dashboard/login", form({ password: "x", next: url }, headers));
    const base = app.listen();
    const connection = await openRaw(base);
    connection.write(`GET ${url} HTTP/1.1\r\nHost: ${host}\r\nx-api-key: ${WIDGET_KEY}\r\n\r\n`);
    expect((await connection.answer()).status).toBe(404);
    connection.close();

    expect(taken).toEqual([]);
    expect(upstream.calls).toHaveLength(3);
  });

  test("a redirect from the model's server is not followed, and no question goes elsewhere", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `http://127.0.0.1:${bait.port}/latest/meta-data/`;
      upstream.script = () => new Response(null, { status, headers: { location } });
      for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
        const asked = await app.fetch(path, chatRequest({ sessionId: "a", message: "Private" }));
        const shown = await asked.text();
        expect(shown).toContain('"code":"model_error"');
        expect(shown).not.toContain("internal");
      }
    }
    expect(taken).toEqual([]);
  });

  test("only the clients of the model, PostgreSQL, Redis and mail, and what asks owners' addresses, make outgoing connections", async () => {
    const files = (await readSourceFiles()).filter(reachesOut).map(({ path }) => path);
    expect(files.filter((path) => !MAY_REACH_OUT.test(path))).toEqual([]);
    for (const text of [
      "await fetch(url)",
      'import { request } from "node:http";',
      "new WebSocket(url)",
      "Bun.connect({ hostname })",
      "new SQL(url)",
      "new RedisClient(url)",
      'import { createTransport } from "nodemailer";',
    ]) {
      expect(reachesOut({ path: "chat/service.ts", text })).toBe(true);
    }
    expect(reachesOut({ path: "chat/service.ts", text: "// fetch(url) is for others" })).toBe(
      false,
    );
  });

  test.each([
    "file:///etc/passwd",
    "unix:/run/docker.sock",
    "ftp://a/",
    "data:text/plain,x",
    "//a",
  ])("the model's address cannot be %s", (address) => {
    const load = () => loadConfig({ OPENAI_BASE_URL: address }, () => "");
    expect(load).toThrow("OPENAI_BASE_URL");
  });
});
