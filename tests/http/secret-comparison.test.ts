import { expect, test } from "bun:test";

import { readSourceFiles, withoutCommentsAndText } from "../support/source-files.ts";

/** Contract section 3: secrets are compared with timingSafeEqual, never with an operator that stops early. */

const SECRET_WORDS = new Set(
  ["key", "password", "token", "secret", "digest", "signature", "hmac", "mac", "hash"].flatMap(
    (word) => [word, `${word}s`, `${word}es`],
  ),
);

/** Names that end like a secret's name, but belong to no secret. */
const HARMLESS_NAMES = new Set([
  "idempotencyKey",
  "limiterKey",
  // A piece of a streamed answer, not a credential.
  "firstToken",
]);

const OPERAND = String.raw`[\w$.?!#]+(?:\[[^\]]*\]|\([^()]*\))*|"[^"]*"|'[^']*'|\x60[^\x60]*\x60`;
const COMPARISON = new RegExp(`(typeof )?(${OPERAND})\\s*(?:===?|!==?)\\s*(${OPERAND})`, "g");

interface Finding {
  readonly line: number;
  readonly comparison: string;
}

/** Comparisons with an operator in which one side is named like a secret. */
function findSecretComparisons(source: string): Finding[] {
  const code = withoutCommentsAndText(source);
  const findings: Finding[] = [];
  for (const match of code.matchAll(COMPARISON)) {
    const [{ length }, isTypeof, left = "", right = ""] = match;
    if (isTypeof || isHarmless(left) || isHarmless(right)) continue;
    if (!isSecretName(left) && !isSecretName(right)) continue;
    findings.push({
      line: code.slice(0, match.index).split("\n").length,
      // With the contents of its strings, which take as much room blanked out.
      comparison: source.slice(match.index, match.index + length),
    });
  }
  return findings;
}

/** Comparing with undefined, null, a boolean, a number or an empty text reveals nothing about a secret. */
function isHarmless(operand: string): boolean {
  return /^(?:undefined|null|true|false|-?[\d_.]+n?|""|''|\x60\x60)$/.test(operand);
}

/** Looks at the last name: `config.adminKey` and `keys[0]` are secrets, `keys.length` is not. */
function isSecretName(operand: string): boolean {
  const name = operand
    .replaceAll(/\[[^\]]*\]|\([^()]*\)/g, "")
    .split(/[.?!#]+/)
    .findLast((part) => part !== "");
  if (name === undefined || HARMLESS_NAMES.has(name)) return false;
  const lastWord = name
    .split(/_|(?<=[a-z\d])(?=[A-Z])/)
    .at(-1)
    ?.toLowerCase();
  return lastWord !== undefined && SECRET_WORDS.has(lastWord);
}

/** Comparisons of what is named like a secret and is none, by their files. */
const HARMLESS_COMPARISONS: Readonly<Record<string, readonly string[]>> = {
  // Hashes of texts that visitors can read.
  "knowledge/page-texts.ts": ["?.hash === hash"],
  "store/knowledge-rows.ts": ["stored.hash === read.hash"],
  // A hash of a question's words, which names it in a list.
  "knowledge/unanswered.ts": ["key === wanted"],
  // The owner's own setting, before and after a change of the settings.
  "notices/telegram-replies.ts": ["token !== this.#next.token"],
  // What the widget follows now, and what it is to follow.
  "widget/people/event-feed.ts": ["key === followed"],
  // The name of a model and the length of its vectors.
  "knowledge/vectors/knowledge-vectors.ts": ["this.#search?.key !== key"],
  "knowledge/vectors/vector-maker.ts": ["key === this.#key"],
  // Both stand in the page.
  "widget/loader/start.ts": ["each.dataset.apiKey === script.dataset.apiKey"],
};

test("no secret is compared with an operator anywhere in src", async () => {
  const findings = (await readSourceFiles()).flatMap(({ path, text }) =>
    findSecretComparisons(text)
      .filter(({ comparison }) => HARMLESS_COMPARISONS[path]?.includes(comparison) !== true)
      .map(({ line, comparison }) => `${path}:${line}: ${comparison}`),
  );
  expect(findings).toEqual([]);
});

test.each([
  "if (apiKey === sent) return;",
  "if (sent !== config.adminApiKey) throw new AppError();",
  "return keys.some((key) => key === candidate);",
  "if (headers['x-api-key'] != this.#secret) fail();",
  "const isSame = password == row.password;",
  "if (signature\n  === expectedSignature) ok();",
  "if (ADMIN_KEY === sent) ok();",
  "return sha256(sent) === digest;",
  "return tokens[0] === sent;",
  'if (createHash("sha256").update(sent).digest("hex") === known) ok();',
  'if (request.headers.get("x-session-token") === row.sessionToken) ok();',
  "if (session.tokenHash !== hash(cookie)) fail();",
  'if (key === "widget") ok();',
])("the scanner for such comparisons catches %s", (planted) => {
  expect(findSecretComparisons(planted)).toHaveLength(1);
});

test.each([
  "if (apiKey === undefined) return;",
  'if (token !== "") return;',
  "if (null == secret) return;",
  'if (typeof token === "string") return;',
  "if (keys.length === 0) return;",
  "if (running.idempotencyKey === question.idempotencyKey) return;",
  "// if (apiKey === sent)",
  'log("apiKey === sent");',
  "if (monkey === sent) return;",
  "if (tokenCount === limit) return;",
  "if (timingSafeEqual(digest, known)) return;",
  "const key = sent;",
  "const isKey = (key) => check(key);",
])("the scanner for such comparisons lets %s pass", (innocent) => {
  expect(findSecretComparisons(innocent)).toEqual([]);
});
