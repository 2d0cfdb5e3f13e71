import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";
import type { UnansweredQuestion, UnansweredStore } from "../store/unanswered-store.ts";
import { wordsOf } from "../text/words.ts";

/** Questions of visitors that have the same words, and no answer in the owner's pages. */
export interface UnansweredTopic {
  /** 22 characters of base64url that stand for the words. */
  readonly key: string;
  /** As the newest of them is written. */
  readonly question: string;
  readonly count: number;
  /** When the newest one was asked. Milliseconds since the epoch. */
  readonly lastAt: number;
  /** Where the newest one was asked. */
  readonly conversationId: string;
  readonly turnId: string;
}

/** So many of the newest questions are looked at. */
export const MAX_QUESTIONS = 1000;
/** About a millisecond's worth of questions, of which one may have as many. */
const CHARACTERS_AT_ONCE = 4000;

/** What visitors have asked in vain, the newest first, without what the owner has dismissed, of the newest `limit` questions. */
export async function listUnanswered(
  store: Pick<UnansweredStore, "listUnanswered" | "listDismissed">,
  limit = MAX_QUESTIONS,
): Promise<readonly UnansweredTopic[]> {
  const dismissed = new Set(await store.listDismissed());
  const topics = new Map<string, UnansweredTopic>();
  let characters = 0;
  for (const question of await store.listUnanswered(limit)) {
    characters += question.question.length;
    if (characters > CHARACTERS_AT_ONCE) {
      await turnOfItsOwn();
      characters = question.question.length;
    }
    const key = keyOf(question.question);
    const known = topics.get(key);
    if (known) topics.set(key, { ...known, count: known.count + 1 });
    else if (!dismissed.has(key)) topics.set(key, toTopic(key, question));
  }
  return [...topics.values()];
}

/** The owner does not want to see a question any more. Returns false when it is not in the list. */
export async function dismissUnanswered(
  store: UnansweredStore,
  key: string,
  at: number,
): Promise<boolean> {
  const isListed = (await listUnanswered(store)).some((topic) => topic.key === key);
  if (isListed) await store.dismissUnanswered(key, at);
  return isListed;
}

function toTopic(
  key: string,
  { question, at, conversationId, turnId }: UnansweredQuestion,
): UnansweredTopic {
  return { key, question, count: 1, lastAt: at, conversationId, turnId };
}

/** A hash of the words, whatever their order, because it outlives the question. */
function keyOf(question: string): string {
  const words = [...new Set(wordsOf(question))].toSorted().join(" ");
  const hash = new Bun.CryptoHasher("sha256").update(words === "" ? question : words).digest();
  return hash.subarray(0, 16).toString("base64url");
}
