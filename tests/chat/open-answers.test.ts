import { afterEach, describe, expect, test } from "bun:test";

import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { followBody } from "../../harness/streams.ts";
import { MAX_ANSWERS_PER_SESSION, OpenAnswers } from "../../src/chat/open-answers.ts";
import { AppError } from "../../src/errors.ts";
import { type Networks, networksOf } from "../../src/net/client-networks.ts";
import { parseIpAddress } from "../../src/net/ip-address.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { chatRequest, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/** The networks that a client of this address is counted under. */
function at(address: string): Networks {
  return networksOf(parseIpAddress(address) ?? []);
}

describe("the places for readers", () => {
  let shown = 0;
  const gauge = { set: (value: number) => void (shown = value) };

  function create(bounds: { maxInAll?: number; maxPerAddress?: number } = {}): OpenAnswers {
    const { maxInAll = 1000, maxPerAddress = 1000 } = bounds;
    return new OpenAnswers({ maxInAll, maxPerAddress: () => maxPerAddress, gauge });
  }

  function refusalOf(open: OpenAnswers, client: string, sessionId: string): string | undefined {
    try {
      open.enter({ networks: at(client), sessionId });
      return undefined;
    } catch (error) {
      return error instanceof AppError ? error.code : String(error);
    }
  }

  test("are counted in total, and each is given back only once", () => {
    const open = create({ maxInAll: 2 });
    const leave = open.enter({ networks: at("192.0.2.1"), sessionId: "a" });
    open.enter({ networks: at("192.0.2.2"), sessionId: "b" });
    expect(refusalOf(open, "192.0.2.3", "c")).toBe("overloaded");
    expect(shown).toBe(2);
    leave();
    leave();
    expect(shown).toBe(1);
    expect(refusalOf(open, "192.0.2.3", "c")).toBeUndefined();
    expect(refusalOf(open, "192.0.2.3", "c")).toBe("overloaded");
  });

  test("are counted by address, and another address has its own", () => {
    const open = create({ maxPerAddress: 2 });
    const leave = open.enter({ networks: at("192.0.2.1"), sessionId: "a" });
    open.enter({ networks: at("192.0.2.1"), sessionId: "b" });
    expect(refusalOf(open, "192.0.2.1", "c")).toBe("rate_limited");
    expect(refusalOf(open, "192.0.2.2", "c")).toBeUndefined();
    leave();
    expect(refusalOf(open, "192.0.2.1", "c")).toBeUndefined();
  });

  test("are counted by /56 and /48 for a client that has more than a /64", () => {
    const open = create({ maxPerAddress: 2 });
    const refusals = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, n) =>
        refusalOf(open, `${prefix}${n.toString(16)}::1`, `${prefix}${n}`),
      );
    const inOne56 = refusals("2001:db8:1:", 9);
    expect(inOne56.filter((refusal) => refusal === undefined)).toHaveLength(8);
    const inOne48 = Array.from({ length: 10 }, (_, n) =>
      refusals(`2001:db8:2:${n + 1}0`, 4),
    ).flat();
    expect(inOne48.filter((refusal) => refusal === undefined)).toHaveLength(32);
    expect(refusalOf(open, "2001:db8:3::1", "elsewhere")).toBeUndefined();
  });

  test("are counted by session, from whatever address", () => {
    const open = create();
    for (let n = 0; n < MAX_ANSWERS_PER_SESSION; n++) {
      open.enter({ networks: at(`192.0.2.${n}`), sessionId: "a" });
    }
    expect(refusalOf(open, "198.51.100.1", "a")).toBe("rate_limited");
    expect(refusalOf(open, "198.51.100.1", "b")).toBeUndefined();
  });
});

describe("an address that reads as many answers as it may", () => {
  const KEY = { "x-api-key": WIDGET_KEY };
  let app: TestApp;
  let server: ModelServer;
  let peer = "192.0.2.1";

  afterEach(async () => {
    peer = "192.0.2.1";
    await app.close();
    await server.stop();
  });

  function start(): void {
    server = startModelServer(silence);
    const env = { MAX_STREAMS_PER_ADDRESS: "2" };
    app = createTestApp({ modelUrl: server.url, env, peerAddress: () => peer });
  }

  function ask(path: string, sessionId: string, signal?: AbortSignal) {
    const init = chatRequest({ sessionId, message: "Hi" });
    return app.fetch(path, signal ? { ...init, signal } : init);
  }

  test("is refused a third answer at every path and told when to come again, and nothing is asked or stored", async () => {
    start();
    const streamed = followBody(await ask("/v1/chat/stream", "a"));
    const whole = ask("/v1/chat", "b");
    const call = await server.call(1);
    const turnId = /"turnId":"([^"]+)"/.exec(await streamed.until("turnId"))?.[1] ?? "";
    const refused = [
      ask("/v1/chat", "c"),
      ask("/v1/chat/stream", "c"),
      ask("/chat", "c"),
      app.fetch(`/v1/chat/stream/${turnId}`, { headers: KEY }),
    ];
    for (const response of await Promise.all(refused)) {
      const answer = await readAnswer(response);
      expectError(answer, "rate_limited");
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]$/);
    }
    expect(server.calls).toHaveLength(2);
    expect(await app.store.findConversationBySession("c")).toBeUndefined();

    const head = await app.fetch(`/v1/chat/stream/${turnId}`, { method: "HEAD", headers: KEY });
    expect(head.status).toBe(200);
    peer = "192.0.2.2";
    const other = followBody(await ask("/chat", "c"));
    await other.until("turnId");

    peer = "192.0.2.1";
    for (const each of [call, await server.call(0), await server.call(2)]) each.finish();
    await Promise.all([streamed.end(), whole, other.end()]);
    const again = followBody(await ask("/chat", "d"));
    (await server.call(3)).finish();
    await again.end();
  });

  test("gets its place back when a question fails, and when a reader leaves", async () => {
    start();
    const first = followBody(await ask("/chat", "a"));
    // The session has an answer under way: refused, and the place is free again.
    for (let n = 0; n < 3; n++) {
      expectError(await readAnswer(await ask("/chat", "a")), "turn_in_progress");
    }
    const second = followBody(await ask("/chat", "b"));
    await second.cancel();
    const third = followBody(await ask("/chat", "c"));
    for (const index of [0, 1, 2]) (await server.call(index)).finish();
    await Promise.all([first.end(), third.end()]);
  });
});
