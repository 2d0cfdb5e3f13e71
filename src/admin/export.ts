import type { AnswerSource } from "../conversation/records.ts";
import type { Connection } from "../http/connection.ts";
import { headResponse } from "../http/head-response.ts";
import { PAGE_CHARACTERS, PAGE_SIZE, pagedResponse } from "../http/paged-body.ts";
import type { Places } from "../http/places.ts";
import { jsonLine } from "../runtime/json-line.ts";
import type { ConversationStore, ExportedMessage } from "../store/conversation-store.ts";
import type { ExportFormat } from "./schema.ts";

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
];

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8",
};

/** Without it, Excel reads UTF-8 in the local code page and shows `cafÃ©`. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Every message of every conversation, one per line, as a file download for the admin API and the dashboard.
 * @throws AppError overloaded when too many downloads are being read, or the store's error at the first page
 * (an error at a later page cuts the download off)
 */
export async function exportResponse(
  store: ConversationStore,
  format: ExportFormat,
  connection: Connection,
  downloads: Places,
): Promise<Response> {
  const headers = {
    "content-type": MEDIA_TYPES[format],
    "content-disposition": `attachment; filename="chatporch-messages.${format}"`,
  };
  // HEAD needs nothing from the database.
  if (connection.request.method === "HEAD") return headResponse(headers);
  const page = (afterId: number) => store.exportMessages(afterId, PAGE_SIZE, PAGE_CHARACTERS);
  const first = await page(0);
  const body = {
    head: format === "csv" ? `${BYTE_ORDER_MARK}${COLUMNS.join(",")}\r\n` : "",
    first,
    next: ({ id }: ExportedMessage) => page(id),
    encode: format === "csv" ? csvLine : ndjsonLine,
    separator: "",
    tail: () => "",
  };
  return pagedResponse(body, headers, connection, downloads.enter());
}

function ndjsonLine(message: ExportedMessage): string {
  return `${jsonLine(message)}\n`;
}

/** RFC 4180. */
function csvLine({ usage, createdAt, sources, ...message }: ExportedMessage): string {
  const row: Readonly<Record<string, unknown>> = {
    ...message,
    createdAt: new Date(createdAt).toISOString(),
    promptTokens: usage?.promptTokens,
    completionTokens: usage?.completionTokens,
    sources: sources
      ?.filter(({ isCited }) => isCited)
      .map(sourceText)
      .join("\n"),
  };
  return `${COLUMNS.map((column) => csvCell(row[column])).join(",")}\r\n`;
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
