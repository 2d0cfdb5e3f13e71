import { isLeftToPerson } from "../conversation/records.ts";
import { AppError, overloaded } from "../errors.ts";
import type { Connection } from "../http/connection.ts";
import { headResponse } from "../http/head-response.ts";
import { PAGE_CHARACTERS, PAGE_SIZE, pagedResponse } from "../http/paged-body.ts";
import type { Places } from "../http/places.ts";
import {
  type ConversationFilter,
  type ConversationStore,
  type ExportedMessage,
  TooManySearchesError,
} from "../store/conversation-store.ts";
import type { RequestStore } from "../store/request-store.ts";
import type { MessageFormat } from "./export-formats.ts";
import { filteredMessages, messagesOf } from "./filtered-messages.ts";
import type { ExportFormat, ThreadFormat } from "./schema.ts";

interface ExportParts {
  readonly store: ConversationStore;
  /** Limits how many exports are read at once. */
  readonly downloads: Places;
}

interface ThreadExportParts extends ExportParts {
  readonly store: ConversationStore & Pick<RequestStore, "requestsOf">;
}

interface ExportedFile {
  /** Without the ending. */
  readonly name?: string;
  readonly format: ExportFormat;
}

interface MessageFile {
  /** Without the ending. */
  readonly name: string;
  readonly format: MessageFormat;
  readonly head?: string;
  readonly tail?: () => Promise<string>;
  readonly pages: () => Promise<readonly ExportedMessage[]>;
}

/**
 * The messages of the conversations that match a filter, one per line, as a file download for the admin API and the
 * dashboard. Without a filter, every message of every conversation, in the order in which they were stored.
 * @throws AppError overloaded when too many downloads or searches are under way, or the store's error at the first
 * page (an error at a later page cuts the download off)
 */
export async function exportResponse(
  parts: ExportParts,
  { name = "chatporch-messages", format }: ExportedFile,
  filter: ConversationFilter,
  connection: Connection,
): Promise<Response> {
  const { from, to, mark, search } = filter;
  const isFiltered = [from, to, mark, search].some((value) => value !== undefined);
  const file = {
    name,
    format: await readFormat(format),
    pages: isFiltered ? filteredMessages(parts.store, filter) : allMessages(parts.store),
  };
  return fileResponse(parts, file, connection);
}

/**
 * A conversation as a file download.
 * @throws AppError not_found, otherwise as exportResponse
 */
export async function exportThreadResponse(
  parts: ThreadExportParts,
  format: ThreadFormat,
  conversationId: string,
  connection: Connection,
): Promise<Response> {
  const conversation = await parts.store.findConversation(conversationId);
  if (conversation === undefined) throw new AppError("not_found");
  const { markdownHead, markdownRequests } = await import("./export-formats.ts");
  const file = {
    name: `chatporch-${conversationId}`,
    format: await readFormat(format),
    ...(format === "markdown" && {
      head: markdownHead(conversation),
      tail: async () => markdownRequests(await parts.store.requestsOf(conversationId)),
    }),
    pages: messagesOf(parts.store, [conversation].values()),
  };
  return fileResponse(parts, file, connection);
}

async function readFormat(format: ThreadFormat): Promise<MessageFormat> {
  // Loaded when it is used: most servers export nothing on most days.
  return (await import("./export-formats.ts")).MESSAGE_FORMATS[format];
}

function allMessages(store: ConversationStore): () => Promise<readonly ExportedMessage[]> {
  let afterId = 0;
  return async () => {
    const page = await store.exportMessages(afterId, PAGE_SIZE, PAGE_CHARACTERS);
    afterId = page.at(-1)?.id ?? afterId;
    return page;
  };
}

async function fileResponse(
  { downloads }: ExportParts,
  { name, format, head = format.head, pages, tail = async () => "" }: MessageFile,
  connection: Connection,
): Promise<Response> {
  const headers = {
    "content-type": format.mediaType,
    "content-disposition": `attachment; filename="${name}.${format.extension}"`,
  };
  // HEAD needs nothing from the database.
  if (connection.request.method === "HEAD") return headResponse(headers);
  const body = {
    head,
    first: await firstOf(pages),
    next: pages,
    encode: (message: ExportedMessage) => (isLeftToPerson(message) ? "" : format.encode(message)),
    separator: "",
    tail,
  };
  return pagedResponse(body, headers, connection, downloads.enter());
}

async function firstOf(pages: MessageFile["pages"]): Promise<readonly ExportedMessage[]> {
  try {
    return await pages();
  } catch (error) {
    throw error instanceof TooManySearchesError ? overloaded() : error;
  }
}
