import { MAX_REFRESH_HOURS } from "../config/knowledge.ts";
import { parseWords } from "./parse-words.ts";
import { UsageProblem } from "./usage-problem.ts";

/** What `chatporch learn` is to read. */
export interface LearnOptions {
  /** An address, a path, or `-` for standard input. */
  readonly what: string;
  readonly everyHours: number | undefined;
  readonly only: string | undefined;
  /** Undefined: as it was. */
  readonly ignoresRobots: true | undefined;
  /** Only the page of this address. */
  readonly isOnePage: boolean;
  /** What files are known by, in place of their path. */
  readonly name: string | undefined;
}

const MAX_NAME = 200;

const OPTIONS = {
  every: { type: "string" },
  only: { type: "string" },
  page: { type: "boolean" },
  "ignore-robots": { type: "boolean" },
  as: { type: "string" },
} as const;

/** @throws UsageProblem */
export function readLearnOptions(words: readonly string[]): LearnOptions {
  const { values, positionals } = parseWords(words, OPTIONS);
  const [what, ...others] = positionals;
  if (what === undefined || what === "" || others.length > 0) {
    throw new UsageProblem("takes one address, file or folder, or - for standard input.");
  }
  const isWeb = isWebAddress(what);
  const { every, only, page = false, as: name } = values;
  const ignoresRobots = values["ignore-robots"];
  if (!isWeb && (every !== undefined || only !== undefined || page || ignoresRobots)) {
    throw new UsageProblem(
      "takes --every, --only, --page and --ignore-robots with an address only.",
    );
  }
  if (isWeb && name !== undefined) {
    throw new UsageProblem("takes --as with a file or folder only.");
  }
  if (name !== undefined && !isName(name)) {
    throw new UsageProblem(
      `takes with --as a name of at most ${MAX_NAME} characters, such as faq.csv.`,
    );
  }
  return {
    what,
    everyHours: every === undefined ? undefined : hoursOf(every),
    only,
    ignoresRobots: ignoresRobots === true ? true : undefined,
    isOnePage: page,
    name,
  };
}

/** Notes and pages that programs send are known by addresses of their own, which a file must not take. */
function isName(text: string): boolean {
  return (
    text.trim() !== "" && text.length <= MAX_NAME && !/^(?:https?|notes?|api):|\p{Cc}/iu.test(text)
  );
}

export function isWebAddress(text: string): boolean {
  return /^https?:/i.test(text);
}

function hoursOf(text: string): number {
  const [, number, unit] = /^(\d{1,5})(h|d)$/.exec(text) ?? [];
  const hours = Number(number) * (unit === "d" ? 24 : 1);
  if (!(hours >= 1 && hours <= MAX_REFRESH_HOURS)) {
    throw new UsageProblem("takes with --every hours or days, from 1h to 365d.");
  }
  return hours;
}
