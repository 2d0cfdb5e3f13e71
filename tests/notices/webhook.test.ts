import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { Webhook } from "standardwebhooks";

import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import { parseIpAddress } from "../../src/net/ip-address.ts";
import { DeliveryError } from "../../src/notices/channel.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { createPost, type PostOptions } from "../../src/notices/post.ts";
import { createWebhook, sign } from "../../src/notices/webhook.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEXT_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const NOTICE: Notice = {
  eventId: "msg_0123456789abcdef",
  kind: "answer.failed",
  at: Date.parse("2026-11-25T20:26:10.344Z"),
  conversation: {
    id: "c_1",
    sessionId: "a-secret-session",
    createdAt: 0,
    updatedAt: 0,
    lastMessage: "My card is 4111 1111 1111 1111",
    messageCount: 2,
  },
  firstQuestion: "My card is 4111 1111 1111 1111",
  turn: {
    turnId: "t_1",
    sessionId: "a-secret-session",
    conversationId: "c_1",
    question: "My card is 4111 1111 1111 1111",
    answer: {
      id: 2,
      turnId: "t_1",
      role: "assistant",
      content: "Half an answer",
      status: "failed",
      createdAt: 0,
      errorCode: "model_error",
    },
  },
  requests: [],
  link: "https://chat.example.com/dashboard/conversations/c_1",
};

let receiver: WebhookReceiver;

beforeEach(() => {
  receiver = startWebhookReceiver();
});
afterEach(() => receiver.stop());

function webhook(over: Partial<PostOptions> = {}, url = receiver.url) {
  const options = {
    lookUp: lookUpHost,
    allowsPrivate: true,
    userAgent: "chatporch/1",
    secrets: [],
  };
  return createWebhook({
    url,
    secrets: async () => [SECRET, NEXT_SECRET],
    post: createPost({ ...options, ...over }),
    now: Date.now,
  });
}

function send(channel = webhook(), signal = AbortSignal.timeout(5000)) {
  return channel.send(NOTICE, signal);
}

async function failure(channel?: ReturnType<typeof webhook>, signal?: AbortSignal) {
  const error: unknown = await send(channel, signal).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeliveryError)) throw new Error("It was delivered.");
  return { message: error.message, ...error.failure };
}

describe("a webhook", () => {
  test("is signed as Standard Webhooks signs its own example", () => {
    const text = 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}';
    expect(sign(SECRET, text)).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });

  test("is accepted by the reference library, with each of its secrets", async () => {
    await send();
    const [request] = receiver.received;
    for (const secret of [SECRET, NEXT_SECRET]) {
      expect(new Webhook(secret).verify(request?.body ?? "", request?.headers ?? {})).toEqual({
        type: "answer.failed",
        timestamp: "2026-11-25T20:26:10.344Z",
        data: {
          conversationId: "c_1",
          turnId: "t_1",
          errorCode: "model_error",
          url: "https://chat.example.com/dashboard/conversations/c_1",
        },
      });
    }
    expect(() =>
      new Webhook("whsec_b3RoZXJvdGhlcm90aGVyb3RoZXI=").verify(
        request?.body ?? "",
        request?.headers ?? {},
      ),
    ).toThrow();
    expect(request?.headers).toMatchObject({
      "webhook-id": NOTICE.eventId,
      "content-type": "application/json",
      "user-agent": "chatporch/1",
    });
  });

  test("holds no word of the visitor, and not his session", async () => {
    await send();
    const sent = JSON.stringify(receiver.received);
    for (const word of ["4111", "Half an answer", "a-secret-session"]) {
      expect(sent).not.toContain(word);
    }
  });

  test("that was not taken says why, in the receiver's own words", async () => {
    receiver.answer(() => new Response("No\u0007 such\n flow", { status: 500 }));
    expect(await failure()).toEqual({
      message: "The receiver answered with status 500.",
      kind: "retry",
      says: "No such flow",
      retryAfterMs: undefined,
    });
    receiver.answer(() => new Response("x".repeat(100_000), { status: 404 }));
    expect((await failure()).says).toBe(`${"x".repeat(200)}…`);
  });

  test("brings no secret back to the owner's page", async () => {
    receiver.answer(
      ({ headers }) => new Response(`you sent ${headers["x-key"]} top-secret`, { status: 400 }),
    );
    const { says } = await failure(webhook({ secrets: ["top-secret"] }));
    expect(says).toBe("you sent undefined [redacted]");
  });

  test("whose receiver is gone ends the channel, and one that is busy says how long", async () => {
    receiver.answer(() => new Response(null, { status: 410 }));
    expect(await failure()).toMatchObject({ kind: "gone" });
    const headers = { "retry-after": "120" };
    receiver.answer(() => new Response(null, { status: 429, headers }));
    expect(await failure()).toMatchObject({ kind: "retry", retryAfterMs: 120_000 });
    receiver.answer(() => new Response(null, { status: 503 }));
    expect(await failure()).toMatchObject({ kind: "retry", retryAfterMs: 0 });
  });

  test("follows no redirect", async () => {
    const elsewhere = startWebhookReceiver();
    receiver.answer(() => Response.redirect(elsewhere.url, 307));
    expect(await failure()).toMatchObject({
      kind: "retry",
      message: expect.stringContaining("not followed"),
    });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.stop();
  });

  test("does not wait for a receiver that says nothing, or that never stops talking", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    receiver.answer(() => promise);
    expect(await failure(webhook(), AbortSignal.timeout(50))).toMatchObject({
      kind: "retry",
      message: "The server did not answer in time.",
    });
    resolve(new Response());
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1000).fill(97)),
    });
    receiver.answer(() => new Response(endless));
    expect((await send()).says).toHaveLength(201);
  });
});

describe("a place inside of a network", () => {
  const REFUSED = expect.stringContaining("NOTICES_PRIVATE_ADDRESSES=on allows it");

  test.each([
    ["an address", "https://127.0.0.1/hook"],
    ["an address in another form", "https://2130706433/hook"],
    ["an IPv6 address with an IPv4 address in it", "https://[::ffff:10.0.0.1]/hook"],
    ["the address of a cloud's own data", "https://169.254.169.254/hook"],
    ["a name", "https://hooks.example.com/hook"],
  ])("is refused when it is %s", async (_what, url) => {
    const lookUp = async () =>
      [parseIpAddress("93.184.215.14") ?? [], parseIpAddress("10.0.0.7") ?? []] as never;
    expect(await failure(webhook({ allowsPrivate: false, lookUp }, url))).toMatchObject({
      kind: "retry",
      message: REFUSED,
    });
  });

  test("is judged by the address that is dialled, not by one that is looked up again", async () => {
    const answers = [["127.0.0.1"], ["93.184.215.14"]];
    const lookUp = async () => (answers.shift() ?? []).map((each) => parseIpAddress(each)) as never;
    const { port } = new URL(receiver.url);
    await send(webhook({ lookUp }, `http://hooks.example.com:${port}/hook`));
    expect(receiver.received[0]?.headers.host).toBe(`hooks.example.com:${port}`);
    expect(answers).toHaveLength(1);
  });

  test("and plain http need the owner's word", async () => {
    expect(await failure(webhook({ allowsPrivate: false }))).toMatchObject({ message: REFUSED });
    expect(receiver.received).toEqual([]);
    await send();
    expect(receiver.received).toHaveLength(1);
  });
});
