import { type Connection, timeOutAfter } from "../http/connection.ts";
import { headResponse } from "../http/head-response.ts";

/** Rows read and sent at a time: what bounds the memory of an answer of any length. */
export const PAGE_SIZE = 100;

/** A client that takes no bytes of such an answer for this long is cut off. */
const IDLE_TIMEOUT_SECONDS = 120;

interface PagedBody<Row> {
  readonly head: string;
  readonly first: readonly Row[];
  /** The PAGE_SIZE rows after the given one, or all that are left. */
  readonly next: (last: Row) => Promise<readonly Row[]>;
  readonly encode: (row: Row) => string;
  readonly separator: string;
  readonly tail: string;
}

/**
 * An answer of any number of rows, which are read only as fast as the client takes them. HEAD reads no more
 * of them. An error of the store cuts the answer off: what was sent is no whole document.
 */
export function pagedResponse<Row>(
  body: PagedBody<Row>,
  headers: Readonly<Record<string, string>>,
  connection: Connection,
): Response {
  if (connection.request.method === "HEAD") return headResponse(headers);
  return timeOutAfter(
    connection,
    IDLE_TIMEOUT_SECONDS,
    (onEnd) => new Response(pagedStream(body, onEnd), { headers }),
  );
}

function pagedStream<Row>(body: PagedBody<Row>, onEnd: () => void): ReadableStream<Uint8Array> {
  const { head, first, next, encode, separator, tail } = body;
  const utf8 = new TextEncoder();
  let rows = first;
  return new ReadableStream({
    start(controller) {
      const page = rows.map(encode).join(separator);
      controller.enqueue(utf8.encode(`${head}${page}`));
    },
    async pull(controller) {
      // A client that takes everything at once must not keep the event loop from all others.
      await new Promise((resolve) => setImmediate(resolve));
      const last = rows.at(-1);
      rows = last === undefined || rows.length < PAGE_SIZE ? [] : await next(last);
      const page = rows.map((row) => `${separator}${encode(row)}`).join("");
      const isEnd = rows.length < PAGE_SIZE;
      const text = isEnd ? `${page}${tail}` : page;
      if (text !== "") controller.enqueue(utf8.encode(text));
      if (!isEnd) return;
      controller.close();
      onEnd();
    },
    cancel: onEnd,
  });
}
