import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { type MailServer, startMailServer } from "../../harness/mail-server.ts";
import { type NtfyServer, startNtfyServer } from "../../harness/ntfy-server.ts";
import { OWNERS_CHAT, TELEGRAM_TOKEN, TelegramServer } from "../../harness/telegram-server.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import { verifyMailServer } from "../../src/notices/mail-server.ts";
import { createPost } from "../../src/notices/post.ts";
import { probeMail, probeNtfy, probeTelegram, probeWebhook } from "../../src/notices/probes.ts";
import { createTelegramApi } from "../../src/notices/telegram-api.ts";

const TOKEN = "tk_owner0123456789";

const postWith = (allowsPrivate: boolean) =>
  createPost({ lookUp: lookUpHost, allowsPrivate, userAgent: "chatporch", secrets: [TOKEN] });
const signal = () => AbortSignal.timeout(5000);

describe("a look at a webhook", () => {
  let receiver: WebhookReceiver;
  beforeEach(() => {
    receiver = startWebhookReceiver(() => new Response(null, { status: 405 }));
  });
  afterEach(() => receiver.stop());

  test("is content with any answer, and sends no notice", async () => {
    const { host } = new URL(receiver.url);
    expect(await probeWebhook(receiver, postWith(true), signal())).toBe(`${host} answers (405)`);
    expect(receiver.received).toMatchObject([{ body: "" }]);
    expect(receiver.received[0]?.headers["webhook-id"]).toBeUndefined();
  });

  test("finds that nothing is there, and that it may not go there", async () => {
    await receiver.stop();
    const looking = probeWebhook(receiver, postWith(true), signal());
    expect(looking).rejects.toThrow("Nothing listens at this address.");
    const refused = probeWebhook(receiver, postWith(false), signal());
    expect(refused).rejects.toThrow("NOTICES_PRIVATE_ADDRESSES=on allows it");
  });
});

describe("a look at ntfy", () => {
  let ntfy: NtfyServer;
  beforeEach(() => {
    ntfy = startNtfyServer({ topic: "shop", token: TOKEN });
  });
  afterEach(() => ntfy.stop());

  const look = (token: string | undefined, path = "/") => {
    const { origin } = new URL(ntfy.url);
    const settings = { server: `${origin}${path}`, topic: "shop", token };
    return probeNtfy(settings, postWith(true), signal());
  };

  test("finds whether the token is good, and sends no notice", async () => {
    expect(await look(TOKEN)).toEndWith(" answers, and knows the token");
    expect(look("tk_another")).rejects.toThrow("ntfy does not know NTFY_TOKEN.");
    expect(ntfy.messages).toEqual([]);
  });

  test("finds that another server is there", () => {
    expect(look(TOKEN, "/elsewhere/")).rejects.toThrow("No ntfy server is at NTFY_URL.");
  });
});

describe("a look at Telegram", () => {
  let telegram: TelegramServer;
  beforeEach(() => {
    telegram = new TelegramServer();
  });
  afterEach(() => telegram.stop());

  const look = (chat: string, token = TELEGRAM_TOKEN) => {
    const call = createTelegramApi({ token, post: postWith(true), api: telegram.url });
    return probeTelegram({ chat }, call, signal());
  };

  test("finds whether the token and the chat are known, and writes nothing", async () => {
    expect(await look(`${OWNERS_CHAT}`)).toBe("@shop_bot is known, and so is the chat");
    expect(look("4711")).rejects.toMatchObject({
      failure: { says: "Bad Request: chat not found" },
    });
    const another = TELEGRAM_TOKEN.replace("test", "past");
    expect(look(`${OWNERS_CHAT}`, another)).rejects.toThrow("does not know this token");
    expect(telegram.sent).toEqual([]);
  });
});

describe("a look at a mail server", () => {
  const login = { user: "chat", password: "right" };
  let server: MailServer;
  beforeEach(async () => {
    server = await startMailServer({ login });
  });
  afterEach(() => server.stop());

  const look = (password: string, allowsPrivate = true) => {
    const url = `smtp://${login.user}:${password}@127.0.0.1:${server.port}`;
    const options = { url, lookUp: lookUpHost, allowsPrivate, toWords: (text: string) => text };
    return probeMail({ url }, verifyMailServer(options, signal()));
  };

  test("finds whether the password is right, and sends no mail", async () => {
    const place = `smtp://127.0.0.1:${server.port}`;
    expect(await look(login.password)).toBe(`${place} answers, and knows the user`);
    expect(look("wrong")).rejects.toThrow("does not accept the user name and the password");
    expect(look(login.password, false)).rejects.toThrow("NOTICES_PRIVATE_ADDRESSES=on allows it");
    expect(server.received).toEqual([]);
  });
});
