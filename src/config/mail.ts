import { placeOf, serverUrlProblem, type UrlRules } from "./server-url.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Where mail is given to, and whom it goes to. */
export interface MailSettings {
  /** `smtp://` or `smtps://` with user, password, host and port. */
  readonly url: string;
  /** `name@example.com`, or `Name <name@example.com>` */
  readonly from: string;
  /** The owner's addresses. Mail goes to no other. */
  readonly to: readonly string[];
}

interface MailReading {
  /** Undefined while one of the three is missing. */
  readonly mail: MailSettings | undefined;
  readonly parts: {
    readonly smtp: string | undefined;
    readonly mailFrom: string | undefined;
    readonly mailTo: readonly string[];
  };
}

const EXAMPLE_URL = "smtps://user:password@mail.example.com:465";
const EXAMPLE_FROM = "Example <chat@example.com>";
const EXAMPLE_TO = "you@example.com";
const SUBMISSION_PORT = 587;
const SECURE_PORT = 465;
const MAX_RECIPIENTS = 20;
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/i;
const WITH_NAME = /^([^<>"\\\p{Cc}]{1,100}?)\s*<([^<>]+)>$/u;

const RULES: UrlRules = {
  schemes: ["smtp", "smtps"],
  problemOf: ({ pathname, search }) =>
    /^\/?$/.test(pathname) && search === "" ? undefined : "has something after the port",
};

/** SMTP_URL, MAIL_FROM and MAIL_TO. Some may be in the environment and others in the dashboard. */
export function readMail(reader: SettingReader): MailReading {
  const smtp = readSmtpUrl(reader);
  const mailFrom = readFrom(reader);
  const mailTo = readRecipients(reader);
  const isWhole = smtp !== undefined && mailFrom !== undefined && mailTo.length > 0;
  return {
    mail: isWhole ? { url: smtp, from: mailFrom, to: mailTo } : undefined,
    parts: { smtp, mailFrom, mailTo },
  };
}

function readSmtpUrl(reader: SettingReader): string | undefined {
  const text = reader.textOrFile("SMTP_URL", "/run/secrets/smtp_url");
  const problem = text === undefined ? undefined : serverUrlProblem(text, RULES);
  if (problem === undefined) return text;
  reader.refuse("SMTP_URL", problem, EXAMPLE_URL);
  return undefined;
}

function readFrom(reader: SettingReader): string | undefined {
  const text = reader.text("MAIL_FROM");
  if (text === undefined) return undefined;
  if (ADDRESS.test(toMailbox(text).address)) return text;
  reader.refuse("MAIL_FROM", "is not a mail address", EXAMPLE_FROM);
  return undefined;
}

/** A sender's address, and the name before it. */
export interface Mailbox {
  /** Empty: there is none. */
  readonly name: string;
  readonly address: string;
}

/** The parts of MAIL_FROM. */
export function toMailbox(from: string): Mailbox {
  const [, name = "", address = from] = WITH_NAME.exec(from) ?? [];
  return { name, address };
}

function readRecipients(reader: SettingReader): string[] {
  const addresses = reader.list("MAIL_TO");
  if (addresses.length > MAX_RECIPIENTS) {
    reader.refuse("MAIL_TO", `has more than ${MAX_RECIPIENTS} addresses`, EXAMPLE_TO);
  } else if (!addresses.every((address) => ADDRESS.test(address))) {
    reader.refuse("MAIL_TO", "has an entry that is not a mail address", EXAMPLE_TO);
  }
  return addresses;
}

/** Where the mail server is, without user and password. */
export function mailPlace(url: string): string {
  const scheme = new URL(url).protocol;
  const port = scheme === "smtps:" ? SECURE_PORT : SUBMISSION_PORT;
  return `${scheme}//${placeOf(url, port)}`;
}
