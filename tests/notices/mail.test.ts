import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";

import { type ParsedMail, simpleParser } from "mailparser";

import {
  type MailServer,
  type MailServerOptions,
  startMailServer,
} from "../../harness/mail-server.ts";
import type { Message } from "../../src/conversation/records.ts";
import { lookUpHost } from "../../src/net/find-host.ts";
import { parseIpAddress } from "../../src/net/ip-address.ts";
import { DeliveryError } from "../../src/notices/channel.ts";
import { PRIVATE_ADVICE } from "../../src/notices/find-receiver.ts";
import {
  createMailServer,
  type MailServerOptions as Options,
} from "../../src/notices/mail-server.ts";
import { createMail } from "../../src/notices/mail.ts";
import type { Notice } from "../../src/notices/notice.ts";
import { createReceiversWords } from "../../src/notices/receivers-words.ts";
import { LocalDays } from "../../src/runtime/local-days.ts";
import { Authority } from "../support/certificates.ts";
import { CONVERSATION_LINK, messageOf, noticeOf, noticeOfNone } from "../support/notice-samples.ts";

const MESSAGES = [
  messageOf({}),
  messageOf({ id: 2, role: "assistant", content: "I do not know." }),
];
const FROM = "Example Shop, the chat <chat@shop.example>";

let servers: MailServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

async function start(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  servers.push(server);
  return server;
}

interface Settings extends Partial<Options> {
  readonly to?: readonly string[];
  readonly messages?: readonly Message[];
}

function mailTo({ port }: Pick<MailServer, "port">, settings: Settings = {}) {
  const { to = ["owner@shop.example"], messages = MESSAGES, ...over } = settings;
  const submit = createMailServer({
    url: `smtp://127.0.0.1:${port}`,
    lookUp: lookUpHost,
    allowsPrivate: true,
    toWords: createReceiversWords(["pass word"]),
    ...over,
  });
  return createMail(
    { from: FROM, to },
    {
      submit,
      messagesOf: async () => messages,
      summaryAt: async () => ({ subject: "Your week", text: "…" }),
      days: new LocalDays(() => "Europe/Berlin"),
    },
  );
}

function send(channel: ReturnType<typeof mailTo>, notice: Notice = noticeOf()) {
  return channel.send(notice, AbortSignal.timeout(10_000));
}

/** What arrives, read by a mail program's parser. */
async function arriving(notice: Notice, settings: Settings = {}) {
  const server = await start();
  await send(mailTo(server, settings), notice);
  const [mail] = server.received;
  if (mail === undefined) throw new Error("No mail has arrived.");
  return { ...mail, parsed: await simpleParser(mail.raw) };
}

async function failure(channel: ReturnType<typeof mailTo>, signal?: AbortSignal) {
  const sending = signal ? channel.send(noticeOf(), signal) : send(channel);
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeliveryError)) throw new Error(`It was delivered, or: ${String(error)}`);
  return { message: error.message, ...error.failure };
}

function headersOf({ headers }: ParsedMail): string[] {
  return [...headers.keys()].toSorted();
}

describe("a mail about a visitor who wants a person", () => {
  test("has the address, the note, the link and the messages as plain text", async () => {
    const { parsed } = await arriving(noticeOf());
    expect(parsed.html).toBe(false);
    expect(parsed.subject).toBe("Chat: Do you ship to Norway?");
    expect(parsed.text).toBe(`A visitor wants a person (2026-11-26 14:03).

anna@visitor.example – your answer to this mail goes there, and not to the chat.

The visitor's note:
  It is urgent.

The conversation in the dashboard:
${CONVERSATION_LINK}

The conversation, the newest last (times of Europe/Berlin):

2026-11-26 14:03  Visitor
  Do you ship to Norway?

2026-11-26 14:03  Assistant
  I do not know.
`);
  });

  test("goes to the owner's addresses only, and is answered to the visitor", async () => {
    const to = ["owner@shop.example", "other@shop.example"];
    const { parsed, ...mail } = await arriving(noticeOf(), { to });
    expect(mail.to).toEqual(to);
    expect(mail.from).toBe("chat@shop.example");
    expect(parsed.from?.value).toEqual([
      { name: "Example Shop, the chat", address: "chat@shop.example" },
    ]);
    expect(parsed.replyTo?.value).toEqual([{ name: "", address: "anna@visitor.example" }]);
    expect(headersOf(parsed)).toEqual([
      "auto-submitted",
      "content-transfer-encoding",
      "content-type",
      "date",
      "from",
      "in-reply-to",
      "message-id",
      "mime-version",
      "references",
      "reply-to",
      "subject",
      "to",
      "x-auto-response-suppress",
    ]);
    expect(parsed.headers.get("auto-submitted")).toBe("auto-generated");
    expect(parsed.headers.get("x-auto-response-suppress")).toBe("All");
  });

  test("is in one thread with the others of its conversation, and has the same id in every attempt", async () => {
    const one = await arriving(noticeOf());
    const again = await arriving(noticeOf());
    const other = await arriving(noticeOf({ eventId: "msg_2", kind: "visitor.wrote" }));
    expect(one.parsed.messageId).toBe("<msg_0123456789abcdef@shop.example>");
    expect(again.parsed.messageId).toBe(one.parsed.messageId ?? "");
    expect(other.parsed.messageId).toBe("<msg_2@shop.example>");
    expect(other.parsed.subject).toBe(one.parsed.subject ?? "");
    for (const { parsed } of [one, other]) {
      expect([parsed.inReplyTo, parsed.references]).toEqual([
        "<c_Ab-1@shop.example>",
        "<c_Ab-1@shop.example>",
      ]);
    }
  });

  test("holds nothing of the visitor's session", async () => {
    expect((await arriving(noticeOf())).raw).not.toContain("a-secret-session");
  });

  test("names a telephone, to which no answer by mail goes", async () => {
    const contact = { kind: "phone", value: "+49 30 1234" } as const;
    const requests = noticeOf().requests.map((each) => ({ ...each, contact }));
    const { parsed } = await arriving(noticeOf({ requests }));
    expect(parsed.text).toContain("Phone: +49 30 1234");
    expect(parsed.replyTo).toBeUndefined();
  });

  test("has all that a visitor has left who has asked several times, and is answered to his newest address", async () => {
    const wish = (value: string, note: string) =>
      noticeOf().requests.map((each) => {
        const kind = value.includes("@") ? "email" : "phone";
        return { ...each, contact: { kind, value } as const, note };
      });
    const requests = [
      ...wish("+49 30 1234", "Please call."),
      ...wish("new@visitor.example", "By Monday."),
      ...wish("old@visitor.example", "It is urgent."),
      ...wish("new@visitor.example", "Hello?"),
    ];
    const { parsed } = await arriving(noticeOf({ requests }));
    expect(parsed.replyTo?.text).toBe("new@visitor.example");
    expect(parsed.text).toContain(`
Phone: +49 30 1234
new@visitor.example – your answer to this mail goes there, and not to the chat.
E-mail: old@visitor.example

The visitor's note:
  Please call.

The visitor's note:
  By Monday.

The visitor's note:
  It is urgent.

The visitor's note:
  Hello?

The conversation in the dashboard:
`);
  });
});

describe("a visitor's words in a mail", () => {
  test.each([
    ["line ends", "Hello\r\nBcc: stranger@evil.example\r\n\r\nBuy now"],
    ["one line feed", "Hello\nBcc: stranger@evil.example"],
    ["other line ends", "Hello\u2028Bcc: stranger@evil.example\u0085To: x@evil.example"],
    ["a long line", `${"Bcc: stranger@evil.example, ".repeat(100)}`],
    ["encoded words", "=?utf-8?q?Hello=0D=0ABcc:_stranger@evil.example?="],
    ["other letters and signs", "Versendet ihr nach Norwegen? 😀 مرحبا"],
    ["a lone surrogate", "Hello \ud83d"],
  ])("become no header and no recipient: %s", async (_what, words) => {
    const { parsed, to } = await arriving(noticeOf({ firstQuestion: words }));
    expect(to).toEqual(["owner@shop.example"]);
    expect([parsed.to, parsed.cc, parsed.bcc].flat().map((each) => each?.text)).toEqual([
      "owner@shop.example",
      undefined,
      undefined,
    ]);
    expect(headersOf(parsed)).not.toContain("bcc");
    expect(parsed.subject?.split("\n")).toHaveLength(1);
    expect(parsed.subject).toStartWith("Chat: ");
    expect(parsed.text).toContain("A visitor wants a person");
  });

  test("are in the subject as they were written", async () => {
    const { parsed } = await arriving(noticeOf({ firstQuestion: "Grüße? 😀 <b>&amp;" }));
    expect(parsed.subject).toBe("Chat: Grüße? 😀 <b>&amp;");
  });

  test("cannot be taken for those of the assistant", async () => {
    const content = "Hello\n\n2026-11-26 14:04  Assistant\nYour money comes back.\n.\n\u202e";
    const { parsed } = await arriving(noticeOf(), { messages: [messageOf({ content })] });
    expect(parsed.text).toContain(`Visitor
  Hello
  
  2026-11-26 14:04  Assistant
  Your money comes back.
  .`);
    expect(parsed.text).not.toContain("\u202e");
  });

  test("are cut when they are long, and the mail says that there are more", async () => {
    const messages = [messageOf({ content: "x".repeat(50_000) })];
    const { parsed } = await arriving(noticeOf(), { messages });
    expect(parsed.text).toContain(`${"x".repeat(2000)}…`);
    expect(parsed.text).toContain("Its newest messages, the newest last");
    expect(parsed.text?.length).toBeLessThan(3000);
  });
});

describe("a mail about something else", () => {
  test("says which answer was rated, and why", async () => {
    const { turn } = noticeOf();
    const rating = { value: "negative", reasons: ["off_topic", "wrong"], comment: "No!", at: 1 };
    const rated = { ...turn, answer: { ...turn?.answer, rating } } as Notice["turn"];
    const notice = noticeOf({ kind: "answer.rated", turn: rated, requests: [] });
    const { parsed } = await arriving(notice);
    expect(parsed.text).toStartWith(`An answer was rated down (2026-11-26 14:03).

The question:
  Do you ship to Norway?

The visitor says: off topic, wrong
  No!
`);
    expect(parsed.replyTo).toBeUndefined();
  });

  test("shows the owner's own messages, and no empty answer to what was left to him", async () => {
    const messages = [
      ...MESSAGES,
      messageOf({ id: 3, role: "assistant", content: "", finishReason: "person" }),
      messageOf({
        id: 4,
        role: "assistant",
        content: "Yes.",
        author: { kind: "owner", name: "Mia" },
      }),
      messageOf({ id: 5, role: "assistant", content: "Half", status: "interrupted" }),
    ];
    const { parsed } = await arriving(noticeOf({ kind: "visitor.wrote" }), { messages });
    expect(parsed.text).toEndWith(`Assistant
  I do not know.

2026-11-26 14:03  Mia (you)
  Yes.

2026-11-26 14:03  Assistant
  Half
  [cut off]
`);
  });

  test("that is a test is short and in no thread", async () => {
    const { parsed } = await arriving(noticeOfNone({ link: undefined }));
    expect([parsed.subject, parsed.text]).toEqual([
      "Chat: It works",
      "Mail about your chat arrives here.\n",
    ]);
    expect(parsed.references).toBeUndefined();
  });
});

describe("a mail server", () => {
  const authority = new Authority();
  const files = authority.issue({ names: "DNS:mail.shop.example" });
  const ca = readFileSync(authority.files.certificate, "utf8");
  /** A name for a server on this machine that looks like one on the internet. */
  const lookUp = async () => [parseIpAddress("127.0.0.1") ?? []] as never;
  const LOGIN = { user: "chat@shop.example", password: "pass word" };

  test("is given user and password, with TLS wherever it offers it", async () => {
    const server = await start({ files, login: LOGIN });
    const url = `smtp://chat%40shop.example:pass%20word@127.0.0.1:${server.port}`;
    expect(await send(mailTo(server, { url }))).toEqual({
      says: "250 2.0.0 queued as 4711",
    });
    expect(server.received[0]?.isEncrypted).toBe(true);
  });

  test("with TLS from the first byte is checked against its name", async () => {
    const server = await start({ files, isSecure: true });
    const url = (name: string) => `smtps://${name}:${server.port}`;
    await send(mailTo(server, { url: url("mail.shop.example"), lookUp, ca }));
    expect(server.received).toHaveLength(1);
    expect(
      await failure(mailTo(server, { url: url("other.shop.example"), lookUp, ca })),
    ).toMatchObject({ kind: "retry", message: "Its TLS certificate is not valid for this name." });
    expect(await failure(mailTo(server, { url: url("mail.shop.example"), lookUp }))).toMatchObject({
      message: expect.stringContaining("Its TLS certificate is not valid"),
    });
    expect(server.received).toHaveLength(1);
  });

  test("inside of a network is refused without the owner's word, and then needs no TLS", async () => {
    const server = await start();
    const notAllowed = mailTo(server, { allowsPrivate: false });
    expect(await failure(notAllowed)).toMatchObject({
      kind: "retry",
      message: `127.0.0.1 is not on the internet. ${PRIVATE_ADVICE}`,
    });
    expect(server.received).toEqual([]);
    await send(mailTo(server));
    expect(server.received[0]?.isEncrypted).toBe(false);
  });

  test("that refuses the text is not asked again, and one that is busy, full or at its quota is", async () => {
    const of = async (status: number, says: string) =>
      failure(mailTo(await start({ refuseMail: () => ({ status, says }) })));
    expect(await of(554, "5.7.1 Looks like spam\u0007")).toMatchObject({
      kind: "refused",
      message: "The mail server refuses it (554).",
      says: "554 5.7.1 Looks like spam",
    });
    expect(await of(451, "4.3.0 Try later")).toMatchObject({
      kind: "retry",
      message: "The mail server does not take it now (451).",
    });
    expect(await of(552, "5.2.2 Mailbox full")).toMatchObject({ kind: "retry" });
    expect(await of(550, "5.4.5 Daily user sending limit exceeded")).toMatchObject({
      kind: "retry",
      message: "The mail server refuses it (550).",
    });
    expect(await of(552, "5.3.4 Too big")).toMatchObject({ kind: "refused" });
  });

  test("that knows one of two recipients has the mail, and says which it refuses", async () => {
    const refuseRecipient = (address: string) =>
      address.startsWith("gone") ? { status: 550, says: "5.1.1 Unknown" } : undefined;
    const server = await start({ refuseRecipient });
    const both = mailTo(server, { to: ["gone@shop.example", "owner@shop.example"] });
    expect((await send(both)).says).toEndWith("It refuses: gone@shop.example.");
    expect(server.received[0]?.to).toEqual(["owner@shop.example"]);
    expect(await failure(mailTo(server, { to: ["gone@shop.example"] }))).toMatchObject({
      kind: "retry",
      says: "550 5.1.1 Unknown",
    });
  });

  test("that does not take the password is asked again, and no password comes back", async () => {
    const server = await start({ login: { ...LOGIN, password: "new" } });
    const url = `smtp://chat%40shop.example:pass%20word@127.0.0.1:${server.port}`;
    const failed = await failure(mailTo(server, { url }));
    expect(failed).toMatchObject({
      kind: "retry",
      message: "The mail server does not accept the user name and the password.",
      says: "535 5.7.8 Wrong password",
    });
    expect(await failure(mailTo(await start({ login: LOGIN })))).toMatchObject({
      kind: "retry",
      message: "The mail server wants a user name and a password.",
    });
  });

  test("that is not there, speaks no TLS or says nothing is asked again", async () => {
    const server = await start();
    const gone = await startMailServer();
    await gone.stop();
    expect(await failure(mailTo(gone))).toMatchObject({
      kind: "retry",
      message: "Nothing listens at this address.",
    });
    const url = `smtps://127.0.0.1:${server.port}`;
    expect(await failure(mailTo(server, { url }))).toMatchObject({
      message: "The server does not speak TLS on this port.",
    });
    const silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    expect(await failure(mailTo(silent), AbortSignal.timeout(100))).toMatchObject({
      kind: "retry",
      message: "The mail server did not answer in time.",
    });
    silent.stop(true);
  });
});
