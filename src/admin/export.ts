import type { Connection } from "../http/connection.ts";
import type { ExportedMessage, Store } from "../store/store.ts";

export type ExportFormat = "ndjson" | "csv";

/** Rows read and sent at a time: what bounds the memory of an export of any size. */
const PAGE_SIZE = 100;

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

/** A client that takes no bytes of an export for this long is cut off. */
const EXPORT_IDLE_TIMEOUT_SECONDS = 120;

/**
 * The export as a file to save, for the admin API and the dashboard. HEAD reads nothing.
 * @throws what the store throws at the first page; later it cuts the export off
 */
export async function exportResponse(
  store: Store,
  format: ExportFormat,
  { request, server }: Connection,
): Promise<Response> {
  const headers = {
    "content-type": MEDIA_TYPES[format],
    "content-disposition": `attachment; filename="chatporch-messages.${format}"`,
  };
  if (request.method === "HEAD") return new Response(null, { headers });
  const first = await store.exportMessages(0, PAGE_SIZE);
  server?.timeout(request, EXPORT_IDLE_TIMEOUT_SECONDS);
  return new Response(exportStream(store, format, first), { headers });
}

/** Every message of every conversation, a line each, read only as fast as the client takes them. */
function exportStream(
  store: Store,
  format: ExportFormat,
  first: readonly ExportedMessage[],
): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  const encodeLine = format === "csv" ? csvLine : ndjsonLine;
  let ready: readonly ExportedMessage[] | undefined = first;
  let lastId = 0;
  return new ReadableStream({
    start(controller) {
      if (format === "csv") controller.enqueue(utf8.encode(`${COLUMNS.join(",")}\r\n`));
    },
    async pull(controller) {
      const messages = ready ?? (await store.exportMessages(lastId, PAGE_SIZE));
      ready = undefined;
      lastId = messages.at(-1)?.id ?? lastId;
      if (messages.length > 0) controller.enqueue(utf8.encode(messages.map(encodeLine).join("")));
      if (messages.length < PAGE_SIZE) controller.close();
    },
  });
}

function ndjsonLine(message: ExportedMessage): string {
  return `${JSON.stringify(message)}\n`;
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
const FORMULA = /(^|[;\t\r\n])((?:"|[^\S\t\r\n])*[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** Visitors write these cells and owners open them, so an apostrophe makes text of a formula (OWASP, CSV Injection). */
function csvCell(value: unknown): string {
  if (value === undefined) return "";
  const safe = String(value).replaceAll(FORMULA, "$1'$2");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
