import type { Advice } from "../../config/advice.ts";
import type { NoticeChannel } from "../../conversation/notice-kinds.ts";
import type { Link } from "../../http/link.ts";
import type { UnansweredTopic } from "../../knowledge/unanswered.ts";
import type { ConversationPage } from "../../store/conversation-store.ts";
import { conversationTitle } from "../conversation-title.ts";
import { formatCount } from "../formats.ts";
import type { NextStep } from "../getting-started-view.ts";
import { type Html, html } from "../html.ts";
import { answerPath, QUESTIONS_PATH } from "../knowledge/questions-view.ts";
import { KNOWLEDGE_PATH } from "../knowledge/tab.ts";
import { listPath, threadPath } from "../list-path.ts";
import { dateOf } from "../list/periods.ts";
import type { Day } from "./days.ts";
import type { Need } from "./need.ts";
import { type SpendingCircumstances, spendingNeeds } from "./spending-needs.ts";

/** What is known of the server and its conversations. A later capability adds what it knows, and a line to NEEDS. */
export interface Circumstances extends SpendingCircumstances {
  readonly advice: readonly Advice[];
  /** How many of the owner's sources could not be read. */
  readonly brokenSources: number;
  /** The channels that do not deliver notices now. */
  readonly failingChannels: readonly NoticeChannel[];
  /** The first conversations whose visitors want a person, and how many there are. */
  readonly wanted: Pick<ConversationPage, "conversations" | "total">;
  readonly unanswered: readonly UnansweredTopic[];
  /** The websites that were refused in the last days, the newest first. */
  readonly refused: readonly string[];
  readonly today: Day | undefined;
  /** What a new owner has not done yet. */
  readonly nextStep: NextStep | undefined;
}

/** Advice that can arise while a server runs. Advice that is there from the start is shown under Setup. */
const COMES_UP: ReadonlySet<string> = new Set(["database-fills", "model-ends", "search-rebuilds"]);
const NAMED_QUESTIONS = 3;
/** So many conversations whose visitors want a person are named. */
export const NAMED_REQUESTS = 3;
/** So many of the newest questions are looked at, because an open page asks again and again. */
export const UNANSWERED_LOOKED_AT = 50;

/** Each finds what needs the owner. The most urgent come first. */
const NEEDS: readonly ((now: Circumstances) => readonly Need[])[] = [
  spendingNeeds,
  openRequests,
  arisenAdvice,
  failedToday,
  brokenSources,
  failingNotices,
  refusedWebsites,
  gettingStarted,
  startAdvice,
  unansweredQuestions,
];

export function needsOf(now: Circumstances): readonly Need[] {
  return NEEDS.flatMap((find) => find(now));
}

/** The list of what needs the owner, or that nothing does. */
export function needsView(link: Link, needs: readonly Need[]): Html {
  const nothing = html`<p class="hint">Nothing right now.</p>`;
  return html`<section class="card needs">
    <h2>What needs you</h2>
    ${
      needs.length === 0
        ? nothing
        : html`<ul class="rows">
            ${needs.map((need) => row(link, need))}
          </ul>`
    }
  </section>`;
}

function row(link: Link, { tone, says, path, words }: Need): Html {
  return html`<li class="row need ${tone}">
    <span>${says}</span>
    ${path !== undefined && html`<a href="${link(path)}">${words}</a>`}
  </li>`;
}

/** What their visitors asked first, because that says which one is urgent. */
function openRequests({ wanted: { conversations, total } }: Circumstances): Need[] {
  const named = conversations.map(({ id, firstQuestion }): Need => {
    const says = html`A visitor wants a person:
      <bdi class="asked-for">${conversationTitle(firstQuestion)}</bdi>`;
    return { tone: "bad", says, path: threadPath(id), words: "Answer" };
  });
  if (named.length >= total) return named;
  const others = total - named.length;
  const says = `${formatCount(others, "other visitor wants", "other visitors want")} a person.`;
  return [...named, { tone: "bad", says, path: listPath({ mark: "wanted" }), words: "See all" }];
}

function arisenAdvice({ advice }: Circumstances): Need[] {
  return advice
    .filter(({ id }) => COMES_UP.has(id))
    .map(({ severity, says, mend }) => ({
      tone: severity === "warning" ? "warn" : "plain",
      says: `${says} ${mend}`,
    }));
}

function startAdvice({ advice }: Circumstances): Need[] {
  const warnings = advice.filter(({ id, severity }) => severity === "warning" && !COMES_UP.has(id));
  if (warnings.length === 0) return [];
  const says = `${formatCount(warnings.length, "warning")} about how this server is set up.`;
  return [{ tone: "warn", says, path: "/dashboard/setup", words: "Review setup" }];
}

function failedToday({ today }: Circumstances): Need[] {
  if (today === undefined || today.errors === 0) return [];
  const says = `${formatCount(today.errors, "answer")} failed today.`;
  const path = listPath({ mark: "failed", from: dateOf(today.day) });
  return [{ tone: "bad", says, path, words: "Find out why" }];
}

function gettingStarted({ nextStep }: Circumstances): Need[] {
  if (nextStep === undefined) return [];
  const { path, words, done } = nextStep;
  return [{ tone: "plain", says: `Getting started: ${done} done.`, path, words: `Next: ${words}` }];
}

function brokenSources({ brokenSources: count }: Circumstances): Need[] {
  if (count === 0) return [];
  const says = `${formatCount(count, "source")} could not be read last time.`;
  return [{ tone: "warn", says, path: KNOWLEDGE_PATH, words: "See why" }];
}

function failingNotices({ failingChannels: channels }: Circumstances): Need[] {
  if (channels.length === 0) return [];
  const says = `Notices do not reach you by ${channels.join(" and ")}.`;
  return [{ tone: "warn", says, path: "/dashboard/settings/notices", words: "See why" }];
}

function refusedWebsites({ refused: [newest, ...others] }: Circumstances): Need[] {
  if (newest === undefined) return [];
  const more = others.length > 0 && ` and ${formatCount(others.length, "other website")}`;
  const says = html`<bdi class="who">${newest}</bdi>${more} tried to use the chat and
    ${others.length > 0 ? "were" : "was"} refused.`;
  return [{ tone: "plain", says, path: "/dashboard/settings/websites", words: "Allow or ignore" }];
}

/** The questions themselves, because they say what to write. */
function unansweredQuestions({ unanswered }: Circumstances): Need[] {
  const named = unanswered.slice(0, NAMED_QUESTIONS).map((topic): Need => {
    const says = html`Without a good answer: <bdi class="asked-for">${topic.question}</bdi>`;
    return { tone: "plain", says, path: answerPath(topic), words: "Write the answer" };
  });
  if (named.length === unanswered.length) return named;
  const says = "There are more questions without a good answer.";
  return [...named, { tone: "plain", says, path: QUESTIONS_PATH, words: "See all" }];
}
