import { AppError } from "../../errors.ts";
import {
  dismissUnanswered,
  findUnanswered,
  findUnansweredLike,
  listUnanswered,
} from "../../knowledge/unanswered.ts";
import {
  addAnswer,
  changeAnswer,
  findAnswer,
  listAnswered,
  removeAnswer,
} from "../../knowledge/written-answers.ts";
import { answerCard, answerPage, type WantedAnswer } from "./answer-form.ts";
import { QUESTIONS_PATH, questionsView, writtenView } from "./questions-view.ts";
import {
  type Fields,
  type KnowledgeTab,
  NOTHING_DONE,
  type Submitted,
  type TabPage,
  type TabView,
} from "./tab.ts";
import type { TabsDeps } from "./tabs-deps.ts";

/** What visitors ask without a good answer, and the answers that the owner has written. Below it, each of these. */
export function createQuestionsTab(deps: TabsDeps): KnowledgeTab {
  const { store, link, now } = deps;
  const path = link(QUESTIONS_PATH);

  /** What is answered: a question of the list, or that of a turn, which need not be in the list. */
  async function findWanted({ entered, query }: TabView): Promise<WantedAnswer | undefined> {
    const key = entered?.["key"] ?? query.get("answer");
    const topic = key ? await findUnanswered(store, key) : undefined;
    if (topic !== undefined) return { topic, question: topic.question };
    const turnId = query.get("turn");
    const turn = turnId ? await store.findTurn(turnId) : undefined;
    if (turn === undefined) return undefined;
    const { question } = turn;
    return { topic: await findUnansweredLike(store, question), question };
  }

  async function listPage(view: TabView): Promise<TabPage> {
    const wanted = await findWanted(view);
    if (wanted !== undefined || view.query.has("new") || view.entered !== undefined) {
      return { title: "Write the answer", body: answerCard(view, { path, link, ...wanted }) };
    }
    const [topics, written] = [await listUnanswered(store), await listAnswered(store)];
    const body = [questionsView(view, link, topics), writtenView(link, written)];
    return { title: "Questions", body };
  }

  async function onePage(view: TabView, id: number): Promise<TabPage> {
    const answer = await findAnswer(deps, id);
    if (answer === undefined) throw new AppError("not_found");
    return { title: answer.question, body: answerPage(view, { path, answer }) };
  }

  async function submitOne(id: number, fields: Fields): Promise<Submitted> {
    switch (fields["action"]) {
      case "save":
        if (!(await changeAnswer(deps, id, entered(fields)))) throw new AppError("not_found");
        return { kind: "done", path: QUESTIONS_PATH, says: "answer" };
      case "remove":
        if (!(await removeAnswer(deps, id))) throw new AppError("not_found");
        return { kind: "done", path: QUESTIONS_PATH, says: "removed" };
      default:
        return NOTHING_DONE;
    }
  }

  return {
    id: "questions",
    name: "Questions",
    page: (view) => (view.id === undefined ? listPage(view) : onePage(view, view.id)),
    async submit({ id, fields }) {
      if (id !== undefined) return submitOne(id, fields);
      const key = fields["key"] ?? "";
      switch (fields["action"]) {
        case "answer":
          await addAnswer(deps, entered(fields), key === "" ? [] : [key]);
          return { kind: "done", path: QUESTIONS_PATH, says: "answer" };
        case "ignore":
          // One that is not in the list any more is where it should be.
          await dismissUnanswered(store, key, now());
          return { kind: "done", path: QUESTIONS_PATH, says: "ignored" };
        default:
          return NOTHING_DONE;
      }
    },
  };
}

function entered(fields: Fields) {
  return { question: fields["question"] ?? "", answer: fields["answer"] ?? "" };
}
