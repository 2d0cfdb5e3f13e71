import { afterAll, expect, test } from "bun:test";

import { simpleParser } from "mailparser";

import { startMailServer } from "../../harness/mail-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { until } from "../support/until.ts";

afterAll(cleanUp);

const KEYS = {
  NODE_ENV: "development",
  WIDGET_API_KEY: "q7Xw2LmZ-widget-key-31415926",
};

test("the program sends mail through a server of the owner's machine, with TLS and a password that no log has", async () => {
  const login = { user: "chat@shop.example", password: "p/ss#word-of-the-mail-server" };
  const mail = await startMailServer({ login, files: makeSelfSigned("mail.shop.example") });
  const credentials = `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}`;
  const server = await startChatporch({
    ...KEYS,
    LOG_LEVEL: "debug",
    SMTP_URL: `smtp://${credentials}@localhost:${mail.port}`,
    MAIL_FROM: "Shop <chat@shop.example>",
    MAIL_TO: "owner@shop.example",
    MAIL_EVENTS: "conversation.started",
    NOTICES_PRIVATE_ADDRESSES: "on",
  });
  const response = await fetch(`${server.url}/v1/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": KEYS.WIDGET_API_KEY },
    body: JSON.stringify({ sessionId: "visitor", message: "Grüße! Versendet ihr?" }),
  });
  expect(response.status).toBe(200);
  await until(() => mail.received.length === 1);
  const [received] = mail.received;
  expect(received).toMatchObject({ isEncrypted: true, to: ["owner@shop.example"] });
  const { subject, text } = await simpleParser(received?.raw ?? "");
  expect(subject).toBe("Chat: Grüße! Versendet ihr?");
  expect(text).toContain("Visitor\n  Grüße! Versendet ihr?");
  expect(await server.stop()).toBe(0);
  expect(server.stdout.text() + server.stderr.text()).not.toMatch(/p(?:\/|%2F)ss/);
  await mail.stop();
});
