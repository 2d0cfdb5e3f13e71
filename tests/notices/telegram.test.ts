import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  failure,
  OWNERS_CHAT,
  TELEGRAM_TOKEN,
  TelegramServer,
} from "../../harness/telegram-server.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import { DeliveryError } from "../../src/notices/channel.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { createPost } from "../../src/notices/post.ts";
import { createTelegramApi } from "../../src/notices/telegram-api.ts";
import { createTelegram } from "../../src/notices/telegram.ts";
import { CONVERSATION_LINK, noticeOf, noticeOfNone } from "../support/notice-samples.ts";

let server: TelegramServer;

beforeEach(() => {
  server = new TelegramServer();
});
afterEach(() => server.stop());

function telegram({ token = TELEGRAM_TOKEN, chat = String(OWNERS_CHAT) } = {}) {
  const options = { lookUp: lookUpHost, allowsPrivate: true, userAgent: "chatporch" };
  const post = createPost({ ...options, secrets: [token] });
  return createTelegram({ token, chat }, createTelegramApi({ token, post, api: server.url }));
}

function send(notice: Notice = noticeOf(), channel = telegram()) {
  return channel.send(notice, AbortSignal.timeout(5000));
}

async function failed(channel = telegram()) {
  const error: unknown = await send(noticeOf(), channel).catch((reason: unknown) => reason);
  if (!(error instanceof DeliveryError)) throw new Error("It was delivered.");
  return { message: error.message, ...error.failure };
}

describe("a message in Telegram", () => {
  test("has the address, the words and the link, and is known again by its receipt", async () => {
    expect(await send()).toEqual({ receipt: `123456789:${OWNERS_CHAT}:1` });
    expect(server.sent[0]?.text).toBe(`A visitor wants a person

anna@visitor.example

“It is urgent.”

${CONVERSATION_LINK}

Reply to this message to write to the visitor. /done lets the assistant answer again.`);
    expect(server.calls[0]?.params).toMatchObject({
      chat_id: String(OWNERS_CHAT),
      link_preview_options: { is_disabled: true },
    });
    expect(server.calls[0]?.params).not.toHaveProperty("parse_mode");
  });

  test("fits into what Telegram takes, whatever the visitor writes, and keeps the link", async () => {
    const { turn } = noticeOf();
    const comment = "!".repeat(1000);
    const rating = { value: "negative", reasons: ["other"], comment, at: 1 } as const;
    const answer = turn && { ...turn.answer, rating };
    for (const question of ["😀".repeat(2000), "x".repeat(4000)]) {
      for (const kind of ["visitor.wrote", "answer.rated", "conversation.started"] as const) {
        const long = turn && answer && { ...turn, question, answer };
        await send(noticeOf({ kind, turn: long, link: `${CONVERSATION_LINK}${"a".repeat(200)}` }));
        const text = server.sent.at(-1)?.text ?? "";
        expect(text).toContain(CONVERSATION_LINK);
        expect(text).toContain("…”");
        expect(text).toEndWith("lets the assistant answer again.");
      }
    }
    expect(server.sent).toHaveLength(6);
  });

  test("that Telegram would refuse again is given up, so that later ones are not kept waiting", async () => {
    server.answer(() => failure(400, "Bad Request: message is too long"));
    expect(await failed()).toMatchObject({ kind: "refused" });
  });

  test("that is a test says so", async () => {
    await send(noticeOfNone({ link: undefined }));
    expect(server.sent[0]?.text).toBe("It works\n\nMessages about your chat arrive here.");
  });

  test("is sent later when Telegram is asked too often, as it asks for", async () => {
    const says = "Too Many Requests: retry after 35";
    server.answer(() => failure(429, says, { retry_after: 35 }));
    expect(await failed()).toEqual({
      message: "Telegram is asked too often (429).",
      kind: "retry",
      says,
      retryAfterMs: 35_000,
    });
  });

  test("says what is wrong with the chat or the token, and never the token", async () => {
    expect(await failed(telegram({ chat: "7" }))).toMatchObject({
      kind: "retry",
      message: "Telegram does not take it (400).",
      says: "Bad Request: chat not found",
    });
    const token = "123456789:AA-another-token-0123456789";
    expect(await failed(telegram({ token }))).toMatchObject({
      kind: "retry",
      message: "Telegram does not know this token (401).",
    });
    server.answer(({ method }) => new Response(`${TELEGRAM_TOKEN} ${method}`, { status: 502 }));
    expect(await failed()).toMatchObject({ says: "[redacted] sendMessage" });
    await server.stop();
    const gone = await failed();
    expect(gone.message).toBe("Nothing listens at this address.");
    expect(JSON.stringify(gone)).not.toContain(TELEGRAM_TOKEN);
  });
});
