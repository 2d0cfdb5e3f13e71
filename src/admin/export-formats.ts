import { MILLION } from "../config/spending.ts";
import type { AnswerSource, Conversation, Rating } from "../conversation/records.ts";
import { jsonLine } from "../runtime/json-line.ts";
import type { ExportedMessage } from "../store/conversation-store.ts";
import type { PersonRequest } from "../store/request-store.ts";
import type { ThreadFormat } from "./schema.ts";

/** How messages are written into a file. */
export interface MessageFormat {
  readonly mediaType: string;
  /** The end of the file's name. */
  readonly extension: string;
  /** What the file begins with. */
  readonly head: string;
  readonly encode: (message: ExportedMessage) => string;
}

/** New ones go to the end: programs may count them. */
const COLUMNS = [
  "conversationId",
  "sessionId",
  "id",
  "turnId",
  "role",
  "content",
  "status",
  "createdAt",
  "model",
  "promptTokens",
  "completionTokens",
  "finishReason",
  "errorCode",
  "firstTokenMs",
  "durationMs",
  "grounding",
  "sources",
  "author",
  "rating",
  "ratingReasons",
  "ratingComment",
  "cost",
];

/** Without it, Excel reads UTF-8 in the local code page and shows `cafÃ©`. */
const BYTE_ORDER_MARK = "\ufeff";

export const MESSAGE_FORMATS: Readonly<Record<ThreadFormat, MessageFormat>> = {
  ndjson: {
    mediaType: "application/x-ndjson; charset=utf-8",
    extension: "ndjson",
    head: "",
    encode: (message) => `${jsonLine(message)}\n`,
  },
  csv: {
    mediaType: "text/csv; charset=utf-8",
    extension: "csv",
    head: `${BYTE_ORDER_MARK}${COLUMNS.join(",")}\r\n`,
    encode: csvLine,
  },
  markdown: {
    mediaType: "text/markdown; charset=utf-8",
    extension: "md",
    head: "",
    encode: markdownSection,
  },
};

/** The heading of a conversation in Markdown. */
export function markdownHead({ id, sessionId }: Conversation): string {
  return `# ${asText(sessionId)}\n\n${asText(id)}\n`;
}

const WRITERS = { user: "Visitor", assistant: "Answer" } as const;

/** A message in Markdown: what people write is plain text, and an answer is a quote of what the model wrote. */
function markdownSection(message: ExportedMessage): string {
  const { role, content, status, createdAt, errorCode } = message;
  const isPlain = role === "user" || message.author !== undefined;
  const author = message.author ? asText(message.author.name) : WRITERS[role];
  const end = status === "complete" ? "" : ` (${[status, errorCode].filter(Boolean).join(": ")})`;
  const time = timeOf(createdAt);
  const text = isPlain ? asText(content) : quote(content);
  const cited = citedSources(message.sources).map((source) => `\n- ${asText(source)}`);
  const sources = `${cited.join("")}${cited.length > 0 ? "\n" : ""}`;
  const after = `${sources}${markdownCost(message.cost)}${markdownRating(message.rating)}`;
  return `\n## ${author}, ${time} UTC${end}\n\n${text}\n${after}`;
}

/** What a visitor wants of a person, after the messages. */
export function markdownRequests(requests: readonly PersonRequest[]): string {
  return requests.toReversed().map(markdownRequest).join("");
}

function markdownRequest({ contact, note, consent, at, closedAt }: PersonRequest): string {
  const end = closedAt === undefined ? "" : `, closed ${timeOf(closedAt)} UTC`;
  const lines = [contact.value, note, `Agreed to: ${consent}`].filter((line) => line !== undefined);
  return `\n## Wants a person, ${timeOf(at)} UTC${end}\n\n${lines.map(asText).join("\n\n")}\n`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

function markdownCost(cost: number | undefined): string {
  return cost === undefined ? "" : `\n${asText(`Cost: ${moneyText(cost)}`)}\n`;
}

/** Millionths of the owner's currency as a decimal number of it, such as 0.001234. */
function moneyText(millionths: number): string {
  return (millionths / MILLION).toFixed(6);
}

function markdownRating(rating: Rating | undefined): string {
  if (rating === undefined) return "";
  const reasons = rating.reasons.length > 0 ? ` (${rating.reasons.join(", ")})` : "";
  const comment = rating.comment === undefined ? "" : `: ${rating.comment}`;
  return `\n${asText(`Rated ${rating.value}${reasons}${comment}`)}\n`;
}

/** A line ends with each of these in Markdown. */
const LINE_END = /\r\n|\r|\n/g;

/** Markdown that shows a text as it is, with its lines. */
function asText(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>()#+\-.!|~&=]/g, "\\$&")
    .replaceAll(LINE_END, "\\\n")
    .replaceAll(/^[ \t]+/gm, (blanks) => "&nbsp;".repeat(blanks.length));
}

/** A block quote ends what its Markdown has left open, such as code, and no heading in it is one of the file. */
function quote(markdown: string): string {
  if (markdown === "") return "";
  return `> ${markdown.replaceAll(LINE_END, "\n> ")}`;
}

/** RFC 4180. */
function csvLine(exported: ExportedMessage): string {
  const { usage, createdAt, cost, sources, rating, author, ...message } = exported;
  const row: Readonly<Record<string, unknown>> = {
    ...message,
    createdAt: new Date(createdAt).toISOString(),
    promptTokens: usage?.promptTokens,
    completionTokens: usage?.completionTokens,
    cost: cost === undefined ? undefined : moneyText(cost),
    sources: sources && citedSources(sources).join("\n"),
    rating: rating?.value,
    ratingReasons: rating?.reasons.join("\n"),
    ratingComment: rating?.comment,
    author: author?.name,
  };
  return `${COLUMNS.map((column) => csvCell(row[column])).join(",")}\r\n`;
}

function citedSources(sources: readonly AnswerSource[] = []): string[] {
  return sources.filter(({ isCited }) => isCited).map(sourceText);
}

function sourceText({ number, title, heading, url }: AnswerSource): string {
  return [`[${number}]`, [title, heading].filter(Boolean).join(" › "), url]
    .filter(Boolean)
    .join(" ");
}

/**
 * Finds every place where a formula could begin, including with full-width signs. Depending on its locale, a
 * spreadsheet may split at semicolons or tabs instead of commas. It then ignores our quotes, so a cell can
 * begin in the middle of a text.
 */
const FORMULA = /(^|[;\t\r\n])([[\s"]--[\t\r\n]]*[=+\-@\uff1d\uff0b\uff0d\uff20])/gv;

/**
 * Visitors write these cells and owners open them, so an apostrophe turns a formula into text
 * (OWASP, CSV Injection).
 */
function csvCell(value: unknown): string {
  if (value === undefined) return "";
  const safe = String(value).replaceAll(FORMULA, "$1'$2");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
