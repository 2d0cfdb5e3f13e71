import type { KnowledgeSettings } from "../config/knowledge.ts";
import { isReported } from "../config/notice-gaps.ts";
import type { NoticeSettings } from "../config/notices.ts";
import type { PeopleSettings } from "../config/people.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { DeadlineError, withDeadline } from "../runtime/deadline.ts";
import { loadOnce } from "../runtime/load-once.ts";
import type { Logger } from "../runtime/logger.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { AskedQuestion, GroundedQuestion, Grounder } from "../turns/grounder.ts";

/** What looks for passages, and what it looks in. */
export type GroundQuestion = (
  asked: AskedQuestion,
  settings: KnowledgeSettings,
) => Promise<GroundedQuestion | undefined>;

export interface GrounderDeps {
  readonly config: {
    readonly knowledge: KnowledgeSettings;
    readonly people: Pick<PeopleSettings, "person">;
    readonly notices: NoticeSettings;
  };
  readonly store: Pick<KnowledgeStore, "knowledgeSize">;
  /** Loads what is needed only where something is known. */
  readonly load: () => Promise<GroundQuestion>;
  readonly metrics: Pick<Metrics, "knowledgeSearch" | "knowledgeSearchesLost">;
  readonly log: Pick<Logger, "warn">;
  readonly deadlineMs?: number;
}

/**
 * A search takes some milliseconds, and longer on a busy machine. A model takes about a second to begin, and without
 * sources it makes its answer up, so there is no haste. With a model for embeddings, that one has a shorter deadline.
 */
const DEADLINE_MS = 1000;
/** When searches are lost, the log says so no more often than this. */
const LOG_INTERVAL_MS = MINUTE_MS;

/**
 * Gives questions what the owner's pages say about them, in bounded time. Costs next to nothing while nothing is known.
 * A question without sources is one that the model is asked to say of if it does not know the answer, where somebody is
 * to hear of it.
 */
export class KnowledgeGrounder implements Grounder {
  readonly #deps: GrounderDeps;
  readonly #load: () => Promise<GroundQuestion>;
  #quietUntil = Number.NEGATIVE_INFINITY;

  constructor(deps: GrounderDeps) {
    this.#deps = deps;
    this.#load = loadOnce(deps.load);
  }

  async ground(asked: AskedQuestion): Promise<GroundedQuestion | undefined> {
    const { config, deadlineMs = DEADLINE_MS } = this.#deps;
    // One object for the whole search: the owner may change the settings meanwhile.
    const settings = config.knowledge;
    if (settings.mode === "off" || settings.words === 0) return this.#unsourced(asked);
    try {
      return await withDeadline(this.#search(asked, settings), deadlineMs);
    } catch (error) {
      this.#note(error);
      return this.#unsourced(asked);
    }
  }

  async #search(asked: AskedQuestion, settings: KnowledgeSettings) {
    const { store, metrics } = this.#deps;
    const { sections } = await store.knowledgeSize();
    if (sections === 0) return this.#unsourced(asked);
    const beganAt = performance.now();
    const ground = await this.#load();
    const grounded = await ground(asked, settings);
    metrics.knowledgeSearch.observe((performance.now() - beganAt) / 1000);
    return grounded;
  }

  async #unsourced(asked: AskedQuestion): Promise<GroundedQuestion | undefined> {
    if (!isHeardOf(this.#deps.config)) return undefined;
    const { unsourcedQuestion } = await import("./unsourced-question.ts");
    return unsourcedQuestion(asked, { isMissed: false });
  }

  #note(error: unknown): void {
    const { metrics, log } = this.#deps;
    const reason = error instanceof DeadlineError ? "slow" : "failed";
    metrics.knowledgeSearchesLost.add(1, { reason });
    if (performance.now() < this.#quietUntil) return;
    this.#quietUntil = performance.now() + LOG_INTERVAL_MS;
    log.warn("questions are answered without sources", { error });
  }
}

/** Whether visitors are offered a person instead, or the owner is notified of what the model does not know. */
function isHeardOf({ people, notices }: Pick<GrounderDeps["config"], "people" | "notices">) {
  return people.person !== "off" || isReported("question.unanswered", notices);
}
