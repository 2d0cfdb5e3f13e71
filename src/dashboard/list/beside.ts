import { listConversations } from "../../admin/conversation-list.ts";
import { encodeCursor } from "../../admin/filter.ts";
import { AppError } from "../../errors.ts";
import {
  type ConversationFilter,
  type ConversationPage,
  type ConversationStore,
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
    const at = page.conversations.findIndex((each) => each.id === id);
    const isInside = at > 0 && at < page.conversations.length - 1;
    const ids = isInside
      ? { newer: page.conversations[at - 1]?.id, older: page.conversations[at + 1]?.id }
      : await store.findNeighbours(id, filter);
    const place = (neighbour: string | undefined, next: ConversationPage["nextCursor"]) => {
      if (neighbour === undefined) return undefined;
      const isHere = at === -1 || page.conversations.some((each) => each.id === neighbour);
      return { id: neighbour, cursor: isHere || !next ? cursor : encodeCursor(next) };
    };
    const newer = place(ids.newer, page.previousCursor);
    return { page, newer, older: place(ids.older, page.nextCursor) };
  } catch (error) {
    if (error instanceof TooManySearchesError || isOverloaded(error)) return NOTHING_BESIDE;
    throw error;
  }
}

function isOverloaded(error: unknown): boolean {
  return error instanceof AppError && error.code === "overloaded";
}
