import type {
  PoorReason,
  SettledQuestion,
  UnansweredQuestion,
  UnansweredStore,
} from "../store/unanswered-store.ts";
import { wordsOf } from "../text/words.ts";
import { inSteps } from "./in-steps.ts";
import { groupSimilar } from "./similar-questions.ts";

/** Questions of visitors that ask the same, and got no good answer. */
export interface UnansweredTopic {
  /** 22 characters of base64url that stand for the words of the newest question. */
  readonly key: string;
  /** As the newest of them is written. */
  readonly question: string;
  readonly count: number;
  /** What was wrong with the answers, the most frequent first. */
  readonly reasons: readonly PoorReason[];
  /** When the newest one was asked. Milliseconds since the epoch. */
  readonly lastAt: number;
  /** Where the newest one was asked. */
  readonly conversationId: string;
  readonly turnId: string;
  /** The newest ones, one of the same words, at most MAX_EXAMPLES. The first is the newest of all. */
  readonly examples: readonly UnansweredQuestion[];
}

/** So many of the newest questions are looked at. */
export const MAX_QUESTIONS = 2000;
export const MAX_EXAMPLES = 3;
/** Of a group, as many questions are remembered as settled, the newest. */
const MAX_SETTLED_OF_GROUP = 100;

/**
 * What visitors have asked without a good answer, the newest first, of the newest `limit` questions. What the owner has
 * dismissed stays away, also when it is asked again. What he has answered comes again when a later answer is no good either.
 */
export async function listUnanswered(
  store: Pick<UnansweredStore, "listUnanswered" | "listSettled">,
  limit = MAX_QUESTIONS,
): Promise<readonly UnansweredTopic[]> {
  return (await openGroups(store, limit)).map(toTopic);
}

/** The questions of the list among which is one with this key, which need not be the newest. */
export async function findUnanswered(
  store: Pick<UnansweredStore, "listUnanswered" | "listSettled">,
  wanted: string,
): Promise<UnansweredTopic | undefined> {
  const groups = await openGroups(store, MAX_QUESTIONS);
  const found = groups.find((group) => group.some(({ key }) => key === wanted));
  return found && toTopic(found);
}

interface AnsweredBy {
  /** As the owner words it. */
  readonly question: string;
  readonly keys: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The questions of the list that ask the same as this one, in the same words. */
export async function findUnansweredLike(
  store: Pick<UnansweredStore, "listUnanswered" | "listSettled">,
  question: string,
): Promise<UnansweredTopic | undefined> {
  return findUnanswered(store, keyOf(question));
}

/** The owner does not want to see questions any more. Returns false when the key is not in the list. */
export async function dismissUnanswered(
  store: UnansweredStore,
  key: string,
  at: number,
): Promise<boolean> {
  return (await settle(store, [key], { at, isAnswered: false })) > 0;
}

/** The owner has answered a question, and with it those of the keys. What is not in the list is ignored. */
export async function answerUnanswered(
  store: UnansweredStore,
  { question, keys, at }: AnsweredBy,
): Promise<void> {
  await settle(store, [keyOf(question), ...keys], { at, isAnswered: true });
}

/** @returns how many groups of the list had one of the keys */
async function settle(
  store: UnansweredStore,
  keys: readonly string[],
  how: Omit<SettledQuestion, "key">,
): Promise<number> {
  const wanted = new Set(keys);
  const open = await openGroups(store, MAX_QUESTIONS);
  const groups = open.filter((group) => group.some(({ key }) => wanted.has(key)));
  for (const group of groups) {
    const all = [...new Set(group.map(({ key }) => key))].slice(0, MAX_SETTLED_OF_GROUP);
    await store.settleQuestions(all, how);
  }
  return groups.length;
}

interface KeyedQuestion extends UnansweredQuestion {
  readonly key: string;
}

/** Questions that ask the same, the newest first. */
type Group = readonly [KeyedQuestion, ...KeyedQuestion[]];

/** What is not settled, the group with the newest question first. */
async function openGroups(
  store: Pick<UnansweredStore, "listUnanswered" | "listSettled">,
  limit: number,
): Promise<readonly Group[]> {
  const questions = await store.listUnanswered(limit);
  const settled = new Map((await store.listSettled()).map((each) => [each.key, each]));
  const firsts = await groupSimilar(questions.map(({ question }) => question).toReversed());
  const keyed: KeyedQuestion[] = [];
  for await (const each of inSteps(questions, ({ question }) => question.length)) {
    keyed.push({ ...each, key: keyOf(each.question) });
  }
  const groups = Map.groupBy(keyed, (_, index) => firsts[questions.length - 1 - index]);
  const open: Group[] = [];
  for (const group of groups.values()) {
    const how = group.flatMap(({ key }) => settled.get(key) ?? []);
    if (how.some(({ isAnswered }) => !isAnswered)) continue;
    const answeredAt = Math.max(...how.map(({ at }) => at), Number.NEGATIVE_INFINITY);
    const [newest, ...others] = group.filter(({ at }) => at > answeredAt);
    if (newest !== undefined) open.push([newest, ...others]);
  }
  return open;
}

function toTopic(group: Group): UnansweredTopic {
  const [{ key, question, at, conversationId, turnId }] = group;
  const examples = new Map<string, UnansweredQuestion>();
  for (const { key: own, ...example } of group) {
    if (!examples.has(own)) examples.set(own, example);
  }
  return {
    key,
    question,
    count: group.length,
    reasons: byFrequency(group.flatMap(({ reasons }) => reasons)),
    lastAt: at,
    conversationId,
    turnId,
    examples: [...examples.values()].slice(0, MAX_EXAMPLES),
  };
}

function byFrequency(reasons: readonly PoorReason[]): PoorReason[] {
  const counts = Map.groupBy(reasons, (reason) => reason);
  return [...counts]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([reason]) => reason);
}

/** A hash of the words, whatever their order, because it outlives the question. */
function keyOf(question: string): string {
  const words = [...new Set(wordsOf(question))].toSorted().join(" ");
  const hash = new Bun.CryptoHasher("sha256").update(words === "" ? question : words).digest();
  return hash.subarray(0, 16).toString("base64url");
}
