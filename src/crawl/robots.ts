/*
 * robots.txt by RFC 9309: which addresses of a website a crawler may read.
 */

export interface Robots {
  /** Whether the address may be read. */
  allows(url: URL): boolean;
  /** Milliseconds between two requests that the site asks for. Undefined: it does not say. */
  readonly delayMs: number | undefined;
  /** The sitemaps that it names, as they stand there. */
  readonly sitemaps: readonly string[];
}

/** Says nothing: everything may be read. */
export const NO_ROBOTS: Robots = { allows: () => true, delayMs: undefined, sitemaps: [] };

/** A crawler must read 500 KiB at least (RFC 9309, section 2.5). What comes after is not looked at. */
export const MAX_ROBOTS_BYTES = 512 * 1024;
const MAX_RULES = 5000;
const MAX_SITEMAPS = 50;

interface Rule {
  readonly isAllowed: boolean;
  readonly length: number;
  readonly pattern: Pattern;
}

interface Group {
  readonly agents: string[];
  readonly rules: Rule[];
  delayMs?: number;
}

/** @param agent the name that rules are meant for, in lower case: `chatporch` */
export function readRobots(text: string, agent: string): Robots {
  const { groups, sitemaps } = readGroups(text.slice(0, MAX_ROBOTS_BYTES));
  const own = groups.filter(({ agents }) => agents.includes(agent));
  const used = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes("*"));
  // The longest rule counts; of two equally long ones the one that allows (section 2.2.2).
  const rules = used
    .flatMap((group) => group.rules)
    .slice(0, MAX_RULES)
    .toSorted(
      (left, right) =>
        right.length - left.length || Number(right.isAllowed) - Number(left.isAllowed),
    );
  return {
    allows(url) {
      const path = settled(url.pathname + url.search);
      if (path === "/robots.txt") return true;
      return rules.find(({ pattern }) => matches(pattern, path))?.isAllowed ?? true;
    },
    delayMs: used.find(({ delayMs }) => delayMs !== undefined)?.delayMs,
    sitemaps,
  };
}

function readGroups(text: string): { groups: Group[]; sitemaps: string[] } {
  const groups: Group[] = [];
  const sitemaps: string[] = [];
  let isInAgents = false;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n?|\n/)) {
    const [, field = "", value = ""] = /^\s*([a-z-]+)\s*:\s*([^#]*)/i.exec(line) ?? [];
    const name = field.toLowerCase();
    const word = value.trim();
    const group = groups.at(-1);
    if (name === "user-agent") {
      const agent = productOf(word);
      if (isInAgents && group) group.agents.push(agent);
      else groups.push({ agents: [agent], rules: [] });
      isInAgents = true;
      continue;
    }
    if (name === "sitemap") {
      // A fragment cannot stand in it, but "#" was taken for the beginning of a comment: this is right.
      if (sitemaps.length < MAX_SITEMAPS && word !== "") sitemaps.push(word);
      continue;
    }
    if (name === "allow" || name === "disallow") {
      isInAgents = false;
      if (word !== "") group?.rules.push(ruleOf(word, name === "allow"));
    } else if (name === "crawl-delay") {
      isInAgents = false;
      const seconds = Number(word);
      if (group && word !== "" && seconds >= 0) group.delayMs = seconds * 1000;
    }
  }
  return { groups, sitemaps };
}

/** `ChatPorch/1.0` means the crawler `chatporch`. */
function productOf(agent: string): string {
  return agent === "*" ? "*" : (/^[a-z_-]+/i.exec(agent)?.[0] ?? "").toLowerCase();
}

function ruleOf(text: string, isAllowed: boolean): Rule {
  const path = settled(text);
  return { isAllowed, length: path.length, pattern: patternOf(path) };
}

/** One way of writing for what may be written with and without percent signs (section 2.2.2). */
function settled(path: string): string {
  return path
    .replaceAll(/%([\da-f]{2})/gi, (sign, digits: string) => {
      const char = String.fromCharCode(Number.parseInt(digits, 16));
      return /[\w.~-]/.test(char) ? char : sign.toUpperCase();
    })
    .replaceAll(/[^\u0021-\u007e]+/g, (part) => encodeURIComponent(part.toWellFormed()));
}

/** The beginning of a path, in which `*` stands for anything and `$` at its end for the end. */
interface Pattern {
  readonly first: string;
  /** What comes between two stars. */
  readonly between: readonly string[];
  /** What comes behind the last star. Undefined: there is no star. */
  readonly last: string | undefined;
  readonly isWhole: boolean;
}

function patternOf(text: string): Pattern {
  const isWhole = text.endsWith("$");
  const path = isWhole ? text.slice(0, -1) : text;
  const [first = "", ...others] = path.replaceAll(/\*{2,}/g, "*").split("*");
  const last = others.pop();
  return { first, between: others, last, isWhole };
}

/**
 * Whether a path matches a pattern. The parts between stars are looked for from left to right, so that no pattern
 * takes more than one look at each character.
 */
function matches({ first, between, last, isWhole }: Pattern, path: string): boolean {
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const part of between) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  if (last === undefined) return !isWhole || at === path.length;
  if (!isWhole) return path.indexOf(last, at) !== -1;
  return path.length - last.length >= at && path.endsWith(last);
}

/** What a page says about itself, in X-Robots-Tag or in `<meta name="robots">`. */
export interface PageRules {
  readonly isHidden: boolean;
  readonly hidesLinks: boolean;
}

/**
 * Reads `noindex, nofollow`. In the header a rule may be meant for one crawler: `googlebot: noindex`.
 * @param agent in lower case
 */
export function readPageRules(text: string, agent: string): PageRules {
  const words = new Set<string>();
  let isForUs = true;
  for (const part of text.toLowerCase().slice(0, 2000).split(",")) {
    const [, name, rule = ""] = /^\s*(?:([\w-]+)\s*:)?\s*(.*?)\s*$/s.exec(part) ?? [];
    // These rules have a value after a colon, and are no names.
    if (name !== undefined && !/^(?:unavailable_after|max-[\w-]+)$/.test(name)) {
      isForUs = name === agent || name === "robots";
    }
    if (isForUs) words.add(rule);
  }
  const isNone = words.has("none");
  return { isHidden: isNone || words.has("noindex"), hidesLinks: isNone || words.has("nofollow") };
}
