import { AppError, invalidRequest } from "../errors.ts";
import type { Requests } from "../people/requests.ts";
import type { RequestCursor, RequestStore } from "../store/request-store.ts";
import type { RequestListQuery, RequestParams } from "./schema.ts";

export interface RequestHandlersDeps {
  readonly store: RequestStore;
  readonly requests: Pick<Requests, "close">;
}

/** The parts of Elysia's context that the handlers use. */
interface ListContext {
  readonly query: typeof RequestListQuery.static;
}

interface CloseContext {
  readonly params: typeof RequestParams.static;
  readonly set: { status?: number | string };
}

const DEFAULT_LIMIT = "100";

/** The handlers of visitors' requests for a person. */
export function createRequestHandlers({ store, requests }: RequestHandlersDeps) {
  return {
    list: async ({ query: { status = "open", limit = DEFAULT_LIMIT, cursor } }: ListContext) => {
      const after = cursor === undefined ? undefined : decodeCursor(cursor);
      const isOpen = status === "open";
      const page = await store.listRequests({ isOpen, limit: Number(limit), after });
      return { ...page, nextCursor: page.nextCursor ? encodeCursor(page.nextCursor) : null };
    },
    close: async ({ params, set }: CloseContext) => {
      if ((await requests.close(params.id)) === undefined) throw new AppError("not_found");
      set.status = 204;
    },
  };
}

/** Where a page has ended, as opaque text for the client. */
function encodeCursor({ at, id }: RequestCursor): string {
  return Buffer.from(`${at}.${id}`).toString("base64url");
}

/** @throws AppError invalid_request */
function decodeCursor(cursor: string): RequestCursor {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,40})$/.exec(text) ?? [];
  if (at === undefined || id === undefined) {
    throw invalidRequest("/cursor", "is not a cursor of this list");
  }
  return { at: Number(at), id };
}
