import type { SpendingSettings } from "../config/spending.ts";
import type { NoticeKind } from "../conversation/notice-kinds.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { ClaimedNotice } from "../store/notice-store.ts";
import type { PersonRequest, RequestStore } from "../store/request-store.ts";
import { amountIn, isMonth } from "../store/spending-rules.ts";
import type { SpendingStore } from "../store/spending-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import type { Notice, SpentBudget } from "./notice.ts";

export type NoticeContents = Pick<ConversationStore, "findConversation" | "messagesAfter"> &
  Pick<RequestStore, "requestsOf"> &
  Pick<TurnStore, "findTurn"> &
  Pick<SpendingStore, "spentIn">;

interface ComposeDeps {
  readonly store: NoticeContents;
  /** The address of this server, without a slash at its end. */
  readonly publicUrl: string | undefined;
  readonly spending: () => SpendingSettings;
}

/** Bounds the length of a notice. The dashboard has all. */
const MAX_REQUESTS = 5;

/**
 * Reads what a notice says. `hidden`: its conversation is hidden, or erased with the notice. `nothing`: what it is about was
 * taken back.
 */
export async function composeNotice(
  { eventId, kind, at, conversationId, turnId }: ClaimedNotice,
  { store, publicUrl, spending }: ComposeDeps,
): Promise<Notice | "hidden" | "nothing"> {
  const dashboard = publicUrl === undefined ? undefined : `${publicUrl}/dashboard`;
  const about = { eventId, kind, at };
  if (isOfBudget(kind)) {
    const budget = await spentBudget(store, turnId ?? "", spending());
    const link = dashboard && `${dashboard}/settings/spending`;
    return budget === undefined ? "nothing" : { ...about, ...OF_NO_CONVERSATION, budget, link };
  }
  if (conversationId === undefined) return { ...about, ...OF_NO_CONVERSATION, link: dashboard };
  const conversation = await store.findConversation(conversationId);
  if (conversation === undefined) return "hidden";
  const turn = turnId === undefined ? undefined : await store.findTurn(turnId);
  if (kind === "answer.rated" && turn?.answer.rating === undefined) return "nothing";
  const requests = await WHICH_REQUESTS[kind]?.(store, conversationId, turnId);
  if (requests?.length === 0 && kind === "handoff.requested") return "nothing";
  const [first] = await store.messagesAfter(conversationId, 0, 1);
  return {
    ...about,
    conversation,
    firstQuestion: first?.content,
    turn,
    requests: requests ?? [],
    link: dashboard && `${dashboard}/conversations/${conversationId}`,
  };
}

function isOfBudget(kind: NoticeKind): boolean {
  return kind === "budget.warning" || kind === "budget.reached";
}

/**
 * Undefined: the owner has taken the budget away.
 * @param period the day or the month
 */
async function spentBudget(
  store: Pick<SpendingStore, "spentIn">,
  period: string,
  settings: SpendingSettings,
): Promise<SpentBudget | undefined> {
  const { unit, currency, perDay, perMonth } = settings;
  const limit = isMonth(period) ? perMonth : perDay;
  const [sum] = await store.spentIn([period]);
  if (limit === undefined || sum === undefined) return undefined;
  return { period, unit, spent: amountIn(unit, sum), limit, currency };
}

type WhichRequests = (
  store: NoticeContents,
  conversationId: string,
  turnId: string | undefined,
) => Promise<readonly PersonRequest[]>;

/** Of the kinds that are about them. A visitor may ask again before the first notice is sent, which then has both. */
const WHICH_REQUESTS: Readonly<Partial<Record<NoticeKind, WhichRequests>>> = {
  async "handoff.requested"(store, conversationId, turnId) {
    const all = await store.requestsOf(conversationId);
    const open = all.filter((each) => each.closedAt === undefined && each.turnId === turnId);
    return open.slice(0, MAX_REQUESTS);
  },
  async "visitor.wrote"(store, conversationId) {
    return (await store.requestsOf(conversationId)).slice(0, 1);
  },
};

/** What a notice of no conversation has. */
export const OF_NO_CONVERSATION = {
  conversation: undefined,
  firstQuestion: undefined,
  turn: undefined,
  requests: [],
};
