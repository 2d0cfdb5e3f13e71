import { afterEach, beforeEach, expect, test } from "bun:test";

import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import { OF_NO_CONVERSATION } from "../../src/notices/compose-notice.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { createNtfy } from "../../src/notices/ntfy.ts";
import { createPost } from "../../src/notices/post.ts";
import { NOON } from "../support/stored-turns.ts";

let receiver: WebhookReceiver;

/** As ntfy 2 answers. */
const TAKEN = {
  id: "hwQ2YpKdmg",
  time: 1635528741,
  event: "message",
  topic: "shop",
  message: "…",
};
const URL_OF_THREAD = "https://chat.example.com/dashboard/conversations/c_1";
const NOTICE: Notice = {
  ...OF_NO_CONVERSATION,
  eventId: "msg_1",
  kind: "handoff.requested",
  at: NOON,
  firstQuestion: "Do you\n repair  bicycles?",
  requests: [
    {
      id: "p_1",
      conversationId: "c_1",
      turnId: "t_1",
      contact: { kind: "email", value: "visitor@example.com" },
      consent: "Yes.",
      at: NOON,
    },
  ],
  link: URL_OF_THREAD,
};

beforeEach(() => {
  receiver = startWebhookReceiver(() => Response.json(TAKEN));
});
afterEach(() => receiver.stop());

function send(
  notice: Partial<Notice> = {},
  { token }: { token?: string } = { token: "tk_secret" },
) {
  const server = `${new URL(receiver.url).origin}/`;
  const options = { lookUp: lookUpHost, allowsPrivate: true, userAgent: "chatporch", secrets: [] };
  const channel = createNtfy({ server, topic: "shop", token }, createPost(options));
  return channel.send({ ...NOTICE, ...notice }, AbortSignal.timeout(5000));
}

test("a message has a title, the visitor's words and a way to the conversation, and rings", async () => {
  expect(await send()).toEqual({});
  const [request] = receiver.received;
  expect(request?.path).toBe("/");
  expect(request?.headers.authorization).toBe("Bearer tk_secret");
  expect(JSON.parse(request?.body ?? "")).toEqual({
    topic: "shop",
    title: "A visitor wants a person",
    message: "Do you repair bicycles?",
    priority: 4,
    tags: ["raising_hand"],
    click: URL_OF_THREAD,
    actions: [{ action: "view", label: "Open", url: URL_OF_THREAD }],
  });
});

test("the visitor's address and more than the beginning of a long question are not sent", async () => {
  await send({ firstQuestion: "long ".repeat(500) });
  const body = receiver.received[0]?.body ?? "";
  expect(body).not.toContain("visitor@example.com");
  expect(JSON.parse(body).message).toHaveLength(300);
});

test("without an address of the server there is no link, and without a token no key", async () => {
  await send({ kind: "test", link: undefined, firstQuestion: undefined, requests: [] }, {});
  await send({ kind: "answer.failed", link: undefined });
  expect(receiver.received[0]?.headers.authorization).toBeUndefined();
  const [tested, failed] = receiver.received.map(({ body }) => JSON.parse(body));
  expect(tested).toEqual({
    topic: "shop",
    title: "It works",
    message: "Notices of your chat arrive here.",
    priority: 3,
  });
  expect(failed).toMatchObject({ title: "An answer failed", priority: 3, tags: ["warning"] });
});

test("what ntfy says of a message that it refuses reaches the owner", async () => {
  const error = { code: 40101, http: 401, error: "unauthorized" };
  receiver.answer(() => Response.json(error, { status: 401 }));
  expect(send()).rejects.toMatchObject({
    message: "The receiver wants another key (401).",
    failure: { kind: "retry", says: '{"code":40101,"http":401,"error":"unauthorized"}' },
  });
});
