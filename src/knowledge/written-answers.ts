import {
  ANSWERS_URI,
  type KnowledgeDocument,
  type KnowledgeStore,
} from "../store/knowledge-store.ts";
import type { UnansweredStore } from "../store/unanswered-store.ts";
import type { CuratorDeps } from "./curator.ts";
import { MAX_ANSWER_LENGTH, MAX_WRITTEN_ANSWERS } from "./entry-limits.ts";
import { RefusedEntryError } from "./refused-entry.ts";
import { answerUnanswered } from "./unanswered.ts";
import { addNote, changeNote, findNote, type NoteKind } from "./write-note.ts";

/*
 * What the owner answers once, so that it stays answered: a question and its answer are a note of their own kind, which the
 * next question finds at every replica, and which `chatporch test` asks again.
 */

export interface EnteredAnswer {
  /** As the owner words it. */
  readonly question: string;
  readonly answer: string;
}

/** A question that the owner has answered. */
export interface AnsweredQuestion extends Pick<EnteredAnswer, "question"> {
  /** That of the document. */
  readonly id: number;
  /** When it was written or changed. Milliseconds since the epoch. */
  readonly at: number;
}

export interface WrittenAnswer extends AnsweredQuestion, EnteredAnswer {}

export interface AnswerDeps extends CuratorDeps {
  readonly store: KnowledgeStore & UnansweredStore;
}

const ANSWERS: NoteKind = {
  sourceUri: ANSWERS_URI,
  scheme: "answer:",
  maxLength: MAX_ANSWER_LENGTH,
  names: { title: "question", text: "answer" },
};

/**
 * Stores an answer, and takes its question off the list of those without a good one.
 * @param keys of other questions of that list that it answers, too. Those that are not in it are ignored
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function addAnswer(
  deps: AnswerDeps,
  entered: EnteredAnswer,
  keys: readonly string[],
): Promise<WrittenAnswer> {
  if ((await countAnswers(deps.store)) >= MAX_WRITTEN_ANSWERS) {
    const problem = `There are ${MAX_WRITTEN_ANSWERS} answers already. Remove one first.`;
    throw new RefusedEntryError("question", problem);
  }
  const document = await addNote(deps, toNote(entered), ANSWERS);
  await answerUnanswered(deps.store, { question: entered.question, keys, at: deps.now() });
  return read(deps.store, document);
}

/**
 * Stores other words of an answer. Returns undefined when there is no such answer.
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function changeAnswer(
  deps: CuratorDeps,
  id: number,
  entered: EnteredAnswer,
): Promise<WrittenAnswer | undefined> {
  const document = await changeNote(deps, id, toNote(entered), ANSWERS);
  return document && read(deps.store, document);
}

/** Nothing of it is found any more when this resolves. Returns false when it did not exist. */
export async function removeAnswer(
  { store }: Pick<CuratorDeps, "store">,
  id: number,
): Promise<boolean> {
  const document = await findNote({ store }, id, ANSWERS);
  return document !== undefined && store.removeDocument(document.id);
}

export async function findAnswer(
  { store }: Pick<CuratorDeps, "store">,
  id: number,
): Promise<WrittenAnswer | undefined> {
  const document = await findNote({ store }, id, ANSWERS);
  return document && read(store, document);
}

/** All questions that are answered, the oldest first. */
export async function listAnswered(
  store: Pick<KnowledgeStore, "listSources" | "listDocuments">,
): Promise<readonly AnsweredQuestion[]> {
  return (await listDocuments(store)).documents.map(toAnswered);
}

/** All of them with their answers, the oldest first. */
export async function listAnswers(
  store: Pick<KnowledgeStore, "listSources" | "listDocuments" | "findOriginal">,
): Promise<readonly WrittenAnswer[]> {
  const { documents } = await listDocuments(store);
  return Promise.all(documents.map((document) => read(store, document)));
}

export async function countAnswers(
  store: Pick<KnowledgeStore, "listSources" | "listDocuments">,
): Promise<number> {
  return (await listDocuments(store, 1)).total;
}

async function listDocuments(
  store: Pick<KnowledgeStore, "listSources" | "listDocuments">,
  limit = MAX_WRITTEN_ANSWERS,
) {
  const source = (await store.listSources()).find(({ uri }) => uri === ANSWERS_URI);
  if (source === undefined) return { documents: [], total: 0 };
  return store.listDocuments({ sourceId: source.id, limit });
}

async function read(
  store: Pick<KnowledgeStore, "findOriginal">,
  document: KnowledgeDocument,
): Promise<WrittenAnswer> {
  const answer = (await store.findOriginal(document.id)) ?? "";
  return { ...toAnswered(document), answer };
}

function toAnswered({ id, title, changedAt }: KnowledgeDocument): AnsweredQuestion {
  return { id, question: title, at: changedAt };
}

function toNote({ question, answer }: EnteredAnswer) {
  return { title: question, text: answer };
}
