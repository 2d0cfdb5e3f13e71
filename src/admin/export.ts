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
];

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8",
};

/** Without it, Excel takes UTF-8 for the code page of the country, and shows `cafÃ©`. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * Every message of every conversation, a line each, as a file to save, for the admin API and the dashboard.
 * @throws what the store throws at the first page (later it cuts the export off), or AppError overloaded
 * when too many are being read
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
  // Without a look at the database.
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
function csvLine({ usage, createdAt, ...message }: ExportedMessage): string {
  const row: Readonly<Record<string, unknown>> = {
    ...message,
    createdAt: new Date(createdAt).toISOString(),
    promptTokens: usage?.promptTokens,
    completionTokens: usage?.completionTokens,
  };
  return `${COLUMNS.map((column) => csvCell(row[column])).join(",")}\r\n`;
}

/**
 * Where a cell may begin, and a formula with it, also by its full-width signs. A spreadsheet splits at
 * semicolons or tabs instead of commas where its owner's country does, and then knows of no quotes.
 */
const FORMULA = /(^|[;\t\r\n])([[\s"]--[\t\r\n]]*[=+\-@\uff1d\uff0b\uff0d\uff20])/gv;

/** Visitors write these cells and owners open them, so an apostrophe makes text of a formula (OWASP, CSV Injection). */
function csvCell(value: unknown): string {
  if (value === undefined) return "";
  const safe = String(value).replaceAll(FORMULA, "$1'$2");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
