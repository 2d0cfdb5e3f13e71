import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";
import { type Connection, timeOutAfter } from "./connection.ts";
import { headResponse } from "./head-response.ts";

/**
 * The size of a page, in messages or in characters of their texts. It bounds the memory of an answer of any
 * length, and the time for which it occupies the event loop.
 */
export const PAGE_SIZE = 100;
export const PAGE_CHARACTERS = 128 * 1024;

/** A client that reads no bytes of such an answer for this long is cut off. */
const IDLE_TIMEOUT_SECONDS = 120;

interface PagedRow {
  readonly content: string;
}

interface PagedBody<Row extends PagedRow> {
  readonly head: string;
  readonly first: readonly Row[];
  /** Reads the page after the given row. */
  readonly next: (last: Row) => Promise<readonly Row[]>;
  readonly encode: (row: Row) => string;
  readonly separator: string;
  /** Called when everything before it is sent. */
  readonly tail: () => string | Promise<string>;
}

/** Whether no page follows this one: it is below both limits. */
export function isLastPage(rows: readonly PagedRow[]): boolean {
  const characters = rows.reduce((sum, { content }) => sum + content.length, 0);
  return rows.length < PAGE_SIZE && characters < PAGE_CHARACTERS;
}

/**
 * An answer of any number of rows, which are read only as fast as the client reads the answer. HEAD reads no
 * further rows. A store error cuts the answer off, so the client sees that the document is incomplete.
 * @param leave gives back the answer's place; called when the answer is over, however it ended
 */
export function pagedResponse<Row extends PagedRow>(
  body: PagedBody<Row>,
  headers: Readonly<Record<string, string>>,
  connection: Connection,
  leave: () => void,
): Response {
  if (connection.request.method === "HEAD") {
    leave();
    return headResponse(headers);
  }
  return timeOutAfter(connection, IDLE_TIMEOUT_SECONDS, (timeOutAgain) => {
    const onEnd = () => {
      leave();
      timeOutAgain();
    };
    return new Response(pagedStream(body, onEnd), { headers });
  });
}

function pagedStream<Row extends PagedRow>(
  body: PagedBody<Row>,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const { head, first, next, encode, separator, tail } = body;
  const utf8 = new TextEncoder();
  let rows = first;
  async function readOn(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    // A client that reads fast must not block the event loop for all others.
    await turnOfItsOwn();
    const last = rows.at(-1);
    rows = last === undefined || isLastPage(rows) ? [] : await next(last);
    const page = rows.map((row) => `${separator}${encode(row)}`).join("");
    const isEnd = isLastPage(rows);
    const text = isEnd ? `${page}${await tail()}` : page;
    if (text !== "") controller.enqueue(utf8.encode(text));
    if (!isEnd) return;
    controller.close();
    onEnd();
  }
  return new ReadableStream({
    async start(controller) {
      await turnOfItsOwn();
      const page = rows.map(encode).join(separator);
      controller.enqueue(utf8.encode(`${head}${page}`));
    },
    async pull(controller) {
      try {
        await readOn(controller);
      } catch (error) {
        onEnd();
        throw error;
      }
    },
    cancel: onEnd,
  });
}
