import type { Random } from "../faults/random.ts";

/**
 * How the model's server ends an answer: it reports its true usage after it (`reported`), or a second late, or none, or
 * one that cannot be; it breaks the connection, falls silent or refuses; it goes on after its client has left (`deaf`),
 * past the limit that it was given (`long`), or has thoughts, which count.
 */
const MODEL_ENDS = [
  "reported",
  "late",
  "unreported",
  "zero",
  "negative",
  "huge",
  "billion",
  "text",
  "cut",
  "silent",
  "refused",
  "deaf",
  "long",
  "thinking",
] as const;
type ModelEnd = (typeof MODEL_ENDS)[number];

/** What the visitor does. Stopping and leaving come after half of the tokens. */
type VisitorEnd = "reads" | "stops" | "leaves";

/** A question of which everything is decided before it is asked. */
export interface PlannedTurn {
  readonly number: number;
  readonly end: ModelEnd;
  /** Of the answer. */
  readonly tokens: number;
  readonly isStreamed: boolean;
  readonly visitorEnd: VisitorEnd;
  /** Makes the question longer. */
  readonly filler: number;
}

/** Settings of the servers that are asked: what a turn costs is small and bounded, and only a budget refuses one. */
export const PLANNED_SETTINGS = {
  KNOWLEDGE_MODE: "off",
  SYSTEM_PROMPT: "Be kind.",
  MAX_OUTPUT_TOKENS: "64",
  MAX_HISTORY_TOKENS: "300",
  MODEL_FIRST_TOKEN_TIMEOUT_MS: "1500",
  MODEL_IDLE_TIMEOUT_MS: "1500",
  BUDGET_UNIT: "tokens",
  BUDGET_SHARE: "100",
  PROOF_OF_WORK: "off",
} as const;

/** How often each end comes, among all of them. The others: once. */
const WEIGHTS: Readonly<Partial<Record<ModelEnd, number>>> = {
  reported: 30,
  unreported: 6,
  late: 2,
  cut: 5,
  refused: 4,
  thinking: 3,
};
const WEIGHTED = MODEL_ENDS.flatMap((end) => Array<ModelEnd>(WEIGHTS[end] ?? 1).fill(end));

const MAX_TOKENS = 40;
const MAX_FILLER = 60;
/** In percent. */
const STREAMED = 75;
const STOPPED = 10;
const LEFT = 8;

/** The turns of a run, each drawn when it is asked for. The same seed gives the same turns. */
export function planTurns(
  random: Random,
  without: readonly ModelEnd[] = [],
): (number: number) => PlannedTurn {
  const ends = WEIGHTED.filter((end) => !without.includes(end));
  return (number) => {
    const end = ends[random.between(0, ends.length - 1)] ?? "reported";
    const isStreamed = random.between(1, 100) <= STREAMED;
    const chance = random.between(1, 100);
    // A whole answer has no turn id before its end, so it cannot be stopped.
    const mayStop = chance <= STOPPED && isStreamed;
    const leaves = chance > STOPPED && chance <= STOPPED + LEFT;
    return {
      number,
      end,
      tokens: random.between(2, MAX_TOKENS),
      isStreamed,
      visitorEnd: mayStop ? "stops" : leaves ? "leaves" : "reads",
      filler: random.between(0, MAX_FILLER),
    };
  };
}

const FILLER = ["please", "schnell", "été", "пожалуйста", "請", "with a receipt"];

/** The question that asks the counting model for this turn. */
export function questionOf({ number, end, tokens, filler }: PlannedTurn): string {
  const words = Array.from({ length: filler }, (_, index) => FILLER[index % FILLER.length]);
  return [`Turn ${number} ends ${end} after ${tokens} tokens`, ...words].join(" ");
}

/** What a question asks the model for. Any other text: a good answer. */
export function readQuestion(text: string): Pick<PlannedTurn, "number" | "end" | "tokens"> {
  const [, number = "0", name = "", tokens = "2"] =
    /^Turn (\d+) ends (\w+) after (\d+) tokens/.exec(text) ?? [];
  const end = MODEL_ENDS.find((each) => each === name) ?? "reported";
  return { number: Number(number), end, tokens: Number(tokens) };
}
