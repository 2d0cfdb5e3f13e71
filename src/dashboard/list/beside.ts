import { listConversations } from "../../admin/conversation-list.ts";
import { encodeCursor } from "../../admin/filter.ts";
import { AppError } from "../../errors.ts";
import {
  type ConversationFilter,
  type ConversationPage,
  type ConversationStore,
  type Side,
  TooManySearchesError,
} from "../../store/conversation-store.ts";

/** A conversation beside another one in the list, and the cursor of the page that has it. */
export interface Neighbour {
  readonly id: string;
  readonly cursor: string;
}

/** What a thread has beside it: the part of the list that it was opened from. */
export interface Beside {
  /** Undefined where the list cannot be read: a thread is shown also while too many search. */
  readonly page: ConversationPage | undefined;
  readonly newer: Neighbour | undefined;
  readonly older: Neighbour | undefined;
}

export const NOTHING_BESIDE: Beside = { page: undefined, newer: undefined, older: undefined };

/** @param cursor that of the filter, as it was sent */
export async function readBeside(
  store: ConversationStore,
  id: string,
  filter: ConversationFilter,
  cursor: string,
): Promise<Beside> {
  try {
    const page = await listConversations(store, filter);
    const find = neighbourFinder(page, { id, filter, cursor, store });
    return { page, newer: await find("newer"), older: await find("older") };
  } catch (error) {
    if (error instanceof TooManySearchesError || isOverloaded(error)) return NOTHING_BESIDE;
    throw error;
  }
}

interface FinderOptions {
  readonly store: ConversationStore;
  readonly id: string;
  readonly filter: ConversationFilter;
  readonly cursor: string;
}

/** Where the page cannot say what is beside its first or its last conversation, the store is asked, which may search again. */
function neighbourFinder(page: ConversationPage, { store, id, filter, cursor }: FinderOptions) {
  const { conversations, previousCursor, nextCursor } = page;
  const at = conversations.findIndex((each) => each.id === id);
  const isOnPage = at !== -1;
  const listed: Sides = isOnPage
    ? { newer: conversations[at - 1]?.id, older: conversations[at + 1]?.id }
    : {};
  // The cursors of the pages that have what is not listed. Without such a page, there is nothing.
  const beyond: Sides = isOnPage
    ? {
        newer: previousCursor && encodeCursor(previousCursor),
        older: nextCursor && encodeCursor(nextCursor),
      }
    : { newer: cursor, older: cursor };

  return async (side: Side): Promise<Neighbour | undefined> => {
    const [known, pageBeyond] = [listed[side], beyond[side]];
    if (known !== undefined) return { id: known, cursor };
    if (pageBeyond === undefined) return undefined;
    const found = await store.findNeighbour(id, filter, side);
    return found === undefined ? undefined : { id: found, cursor: pageBeyond };
  };
}

type Sides = { readonly [Each in Side]?: string | undefined };

function isOverloaded(error: unknown): boolean {
  return error instanceof AppError && error.code === "overloaded";
}
