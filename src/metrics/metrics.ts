import { REDACTED_KINDS } from "../config/redaction.ts";
import { GROUNDINGS, type Outcome, RATINGS } from "../conversation/records.ts";
import { Counter } from "./counter.ts";
import { type Metric, writeMetric } from "./exposition.ts";
import { Gauge } from "./gauge.ts";
import { Histogram } from "./histogram.ts";

/** Seconds. From a small model nearby to a large one behind a queue, up to the default deadline. */
const FIRST_TOKEN_BUCKETS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30, 60];
/** Seconds. A refusal takes a quarter of a second, a long answer from a slow model takes minutes. */
const TURN_BUCKETS = [0.25, 0.5, 1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300];
/** Seconds. A small commit takes 0.1 ms; from 50 ms on, something is wrong with the disk. */
const WRITE_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1];
/**
 * Seconds. At half the load that a machine can carry, 99 of 100 are under 20 ms (scripts/soak.ts). When
 * the lag stays at about 60 ms, new questions are refused (event-loop-watch).
 */
const LAG_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Seconds. A usual site takes some milliseconds. */
const SEARCH_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Error codes of answers that ended with this server: by a restart, by the owner, or because other replicas gave it up. */
const NOT_OF_THE_MODEL: ReadonlySet<string> = new Set(["draining", "interrupted", "model_off"]);

/** Every metric of the server. Momentary values, such as the database's size, are set at each scrape. */
export class Metrics {
  readonly #all: Metric[] = [];

  readonly httpRequests = this.#add(
    new Counter({
      name: "chatporch_http_requests_total",
      help: "Requests answered, by the pattern of their route.",
      labels: ["route", "method", "status"],
    }),
  );
  readonly firstToken = this.#add(
    new Histogram({
      name: "chatporch_turn_first_token_seconds",
      help: "Time from a question to the first token of its answer, for streamed answers.",
      buckets: FIRST_TOKEN_BUCKETS,
    }),
  );
  readonly turnDuration = this.#add(
    new Histogram({
      name: "chatporch_turn_duration_seconds",
      help: "Time from a question to the end of its answer.",
      buckets: TURN_BUCKETS,
    }),
  );
  readonly turns = this.#add(
    new Counter({
      name: "chatporch_turns_total",
      help: "Answers that have ended, by status.",
      labels: ["status"],
    }),
  );
  readonly groundings = this.#add(
    new Counter({
      name: "chatporch_turns_grounding_total",
      help: "Answers that were given sources: they name some, name none, or say that these do not hold the answer.",
      labels: ["grounding"],
    }),
  );
  readonly knowledgeSearch = this.#add(
    new Histogram({
      name: "chatporch_knowledge_search_seconds",
      help: "Time to find the passages for a question.",
      buckets: SEARCH_BUCKETS,
    }),
  );
  readonly knowledgeSearchesLost = this.#add(
    new Counter({
      name: "chatporch_knowledge_searches_lost_total",
      help: "Questions answered without sources because their search failed or took too long.",
      labels: ["reason"],
    }),
  );
  readonly knowledgeSections = this.#add(
    new Gauge({
      name: "chatporch_knowledge_sections",
      help: "Sections of the owner's pages, files and notes that can be searched.",
    }),
  );
  readonly knowledgeDocuments = this.#add(
    new Gauge({
      name: "chatporch_knowledge_documents",
      help: "Pages, files and notes, by what became of them. Counted at most every half minute.",
      label: "status",
    }),
  );
  readonly ratings = this.#add(
    new Counter({
      name: "chatporch_ratings_total",
      help: "Ratings that visitors gave to answers. A changed rating counts again, one that is taken back stays.",
      labels: ["rating"],
    }),
  );
  readonly requests = this.#add(
    new Counter({
      name: "chatporch_requests_for_person_total",
      help: "Visitors' requests for a person.",
      labels: [],
    }),
  );
  readonly redactions = this.#add(
    new Counter({
      name: "chatporch_redactions_total",
      help: "Numbers and addresses that were taken out of the texts of visitors and models.",
      labels: ["kind"],
    }),
  );
  readonly streamsOpen = this.#add(
    new Gauge({
      name: "chatporch_streams_open",
      help: "Connections that wait for an answer or receive one.",
    }),
  );
  readonly personStreamsOpen = this.#add(
    new Gauge({
      name: "chatporch_person_streams_open",
      help: "Visitors' connections that wait for what the owner writes.",
    }),
  );
  readonly turnsRunning = this.#add(
    new Gauge({
      name: "chatporch_turns_running",
      help: "Answers that are being generated, with or without a reader.",
    }),
  );
  readonly tokens = this.#add(
    new Counter({
      name: "chatporch_tokens_total",
      help: "Tokens as the model server counted them.",
      labels: ["kind"],
    }),
  );
  readonly spentTokens = this.#add(
    new Counter({
      name: "chatporch_spent_tokens_total",
      help: "Tokens that calls of the model are counted as, also where the model server counted none.",
      labels: ["direction"],
    }),
  );
  readonly spentCost = this.#add(
    new Counter({
      name: "chatporch_spent_cost_total",
      help: "What the calls of this process cost, in CURRENCY. 0 where the prices are not known.",
      labels: [],
    }),
  );
  readonly budgetRatio = this.#add(
    new Gauge({
      name: "chatporch_budget_ratio",
      help: "How much of a budget is spent or set aside, of all replicas, from 0 to 1. 0 where there is no budget.",
      label: "period",
    }),
  );
  readonly modelCallsRefused = this.#add(
    new Counter({
      name: "chatporch_model_calls_refused_total",
      help: "Questions and other calls for which the model was not asked, by error code.",
      labels: ["reason"],
    }),
  );
  readonly modelErrors = this.#add(
    new Counter({
      name: "chatporch_model_errors_total",
      help: "Answers that the model did not give or did not finish, by error code.",
      labels: ["code"],
    }),
  );
  readonly rateLimited = this.#add(
    new Counter({
      name: "chatporch_rate_limited_total",
      help: "Requests over their budget of the rate limit.",
      labels: ["budget"],
    }),
  );
  readonly proofs = this.#add(
    new Counter({
      name: "chatporch_proofs_total",
      help: "Questions that need a proof of work: it was required, accepted, or refused.",
      labels: ["result"],
    }),
  );
  readonly overloadRefusals = this.#add(
    new Counter({
      name: "chatporch_overload_refusals_total",
      help: "Requests refused because there was no room for them.",
      labels: [],
    }),
  );
  readonly databaseBytes = this.#add(
    new Gauge({
      name: "chatporch_database_bytes",
      help: "Size of the database, without its write-ahead log.",
    }),
  );
  readonly databaseUsedBytes = this.#add(
    new Gauge({
      name: "chatporch_database_used_bytes",
      help: "Bytes of the database that hold data.",
    }),
  );
  readonly databaseMaxBytes = this.#add(
    new Gauge({
      name: "chatporch_database_max_bytes",
      help: "The database's size limit: MAX_DATABASE_MB.",
    }),
  );
  readonly databaseWrite = this.#add(
    new Histogram({
      name: "chatporch_database_write_seconds",
      help: "Time that a transaction took to be written and committed.",
      buckets: WRITE_BUCKETS,
    }),
  );
  readonly eventLoopLag = this.#add(
    new Histogram({
      name: "chatporch_event_loop_lag_seconds",
      help: "How late a timer fired that is due every 50 ms. Everything else waited as long.",
      buckets: LAG_BUCKETS,
    }),
  );
  readonly residentMemory = this.#add(
    new Gauge({
      name: "process_resident_memory_bytes",
      help: "Resident memory of the process.",
    }),
  );
  readonly cpu = this.#add(
    new Gauge({
      name: "process_cpu_seconds_total",
      help: "User and system CPU time that the process has spent.",
      type: "counter",
    }),
  );
  readonly startTime = this.#add(
    new Gauge({
      name: "process_start_time_seconds",
      help: "When the process began, in seconds since the epoch.",
    }),
  );

  constructor() {
    for (const status of ["complete", "stopped", "interrupted", "failed"]) {
      this.turns.add(0, { status });
    }
    for (const kind of ["prompt", "completion"]) this.tokens.add(0, { kind });
    for (const direction of ["input", "output"]) this.spentTokens.add(0, { direction });
    this.spentCost.add(0, {});
    for (const period of ["day", "month"]) this.budgetRatio.setOf(period, 0);
    for (const reason of ["budget_reached", "share_reached", "model_off"]) {
      this.modelCallsRefused.add(0, { reason });
    }
    for (const code of ["model_error", "model_busy", "model_timeout"]) {
      this.modelErrors.add(0, { code });
    }
    for (const grounding of GROUNDINGS) this.groundings.add(0, { grounding });
    this.requests.add(0, {});
    for (const rating of RATINGS) this.ratings.add(0, { rating });
    for (const reason of ["failed", "slow"]) this.knowledgeSearchesLost.add(0, { reason });
    for (const result of ["required", "accepted", "refused"]) this.proofs.add(0, { result });
    for (const kind of REDACTED_KINDS) this.redactions.add(0, { kind });
    this.overloadRefusals.add(0, {});
    for (const budget of ["chat", "admin", "login"]) this.rateLimited.add(0, { budget });
  }

  /** Shows more metrics, after those that every server has. */
  show(more: readonly Metric[]): void {
    this.#all.push(...more);
  }

  /** Counts a turn. Called once for each, when its answer has ended. */
  turnEnded({ status, errorCode, usage, firstTokenMs, durationMs, grounding }: Outcome): void {
    this.turns.add(1, { status });
    if (grounding !== undefined) this.groundings.add(1, { grounding });
    if (durationMs !== undefined) this.turnDuration.observe(durationMs / 1000);
    if (firstTokenMs !== undefined) this.firstToken.observe(firstTokenMs / 1000);
    if (errorCode !== undefined && !NOT_OF_THE_MODEL.has(errorCode)) {
      this.modelErrors.add(1, { code: errorCode });
    }
    if (usage === undefined) return;
    this.tokens.add(usage.promptTokens, { kind: "prompt" });
    this.tokens.add(usage.completionTokens, { kind: "completion" });
  }

  /** All metrics in the text format of Prometheus. */
  write(): string {
    return this.#all.map(writeMetric).join("");
  }

  #add<T extends Metric>(metric: T): T {
    this.#all.push(metric);
    return metric;
  }
}
