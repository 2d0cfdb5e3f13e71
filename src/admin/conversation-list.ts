import { overloaded } from "../errors.ts";
import {
  type ConversationFilter,
  type ConversationPage,
  type ConversationStore,
  type ListedConversation,
  TooManySearchesError,
} from "../store/conversation-store.ts";
import { preview } from "../store/preview.ts";

type ListStore = Pick<ConversationStore, "listConversations">;

/**
 * A page of conversations, for the admin API and the dashboard: the beginnings of the answers are without Markdown. A
 * page before another is as long as this one where there is more.
 * @throws AppError overloaded when too many searches are under way
 */
export async function listConversations(
  store: ListStore,
  filter: ConversationFilter,
): Promise<ConversationPage> {
  const page = await readPage(store, filter);
  const isShort = filter.cursor?.isBackwards && page.conversations.length < filter.limit;
  const whole = isShort ? await readPage(store, { ...filter, cursor: undefined }) : page;
  return { ...whole, conversations: await withoutMarkdown(whole.conversations) };
}

async function readPage(store: ListStore, filter: ConversationFilter): Promise<ConversationPage> {
  try {
    return await store.listConversations(filter);
  } catch (error) {
    throw error instanceof TooManySearchesError ? overloaded() : error;
  }
}

async function withoutMarkdown(
  conversations: readonly ListedConversation[],
): Promise<readonly ListedConversation[]> {
  // Loaded when it is used: a server whose list nobody reads does not need it.
  const [{ parseMarkdown }, { plainText }] = await Promise.all([
    import("../widget/markdown/parse.ts"),
    import("../widget/markdown/plain-text.ts"),
  ]);
  return conversations.map((conversation) => ({
    ...conversation,
    lastAnswer: preview(plainText(parseMarkdown(conversation.lastAnswer)).replaceAll("\n", " ")),
  }));
}
