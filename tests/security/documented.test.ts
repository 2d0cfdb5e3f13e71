import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";

/** docs/security-tests.md lists the tests that prove each promise and each OWASP item. This keeps the list true. */

const ROOT = new URL("../../", import.meta.url).pathname;

/** The beginnings of the rows that must be there. */
const FEATURES = [
  "Separate widget and admin keys",
  "Rate limit for each address, proxy-aware",
  "Strict CORS, no `*` in production",
  "Protective headers on every answer",
  "Constant-time comparison of every key",
  "Every input is checked, bodies have 2 MB",
  "`no-store` on what is sensitive, no fingerprint",
  "Secrets can be rotated and reach no client",
];
const OWASP = Array.from({ length: 10 }, (_, index) => `API${index + 1}:2023 `);

interface NamedTest {
  readonly file: string;
  /** The test's name, preceded by the names of its groups where they are needed to tell it from others. */
  readonly names: readonly string[];
}

interface Documented {
  /** The first cell of every table row. */
  readonly rows: readonly string[];
  readonly tests: ReadonlyMap<string, readonly NamedTest[]>;
}

function read(markdown: string): Documented {
  const rows: string[] = [];
  const tests = new Map<string, NamedTest[]>();
  let listed: NamedTest[] | undefined;
  for (const line of markdown.split("\n")) {
    const row = /^\| (.+?) +\|/.exec(line)?.[1];
    if (row !== undefined && !/^(?:-+|promise|item)$/.test(row)) rows.push(row);
    const heading = /^### (.+)$/.exec(line)?.[1];
    if (heading !== undefined) tests.set(heading, (listed = []));
    const [, file, names] = /^- `([^`]+)` › (.+)$/.exec(line) ?? [];
    if (file === undefined || names === undefined) continue;
    listed?.push({ file, names: names.replaceAll(/\\([*_<>[\]])/g, "$1").split(" › ") });
  }
  return { rows, tests };
}

/** True when a call such as `test` or `describe` has the name as its first argument. */
function isIn(source: string, name: string): boolean {
  return ['"', "'", "`"].some((quote) => {
    const written = quote + name.replaceAll(quote, `\\${quote}`) + quote;
    return source.split(written).some((before) => /\(\s*$/.test(before) && before !== source);
  });
}

function missing({ rows, tests }: Documented): string[] {
  const problems: string[] = [];
  for (const name of [...FEATURES, ...OWASP]) {
    if (!rows.some((row) => row.startsWith(name))) problems.push(`no row for ${name}`);
  }
  for (const row of rows) {
    if ((tests.get(row)?.length ?? 0) === 0) problems.push(`no test for ${row}`);
  }
  for (const heading of tests.keys()) {
    if (!rows.includes(heading)) problems.push(`no row for ${heading}`);
  }
  for (const { file, names } of [...tests.values()].flat()) {
    const source = existsSync(ROOT + file) ? readFileSync(ROOT + file, "utf8") : "";
    for (const name of names) {
      if (!isIn(source, name)) problems.push(`no test in ${file} is named ${name}`);
    }
  }
  return problems;
}

const markdown = readFileSync(`${ROOT}docs/security-tests.md`, "utf8");

test("docs/security-tests.md and SECURITY.md list the same promises", () => {
  const promised = read(readFileSync(`${ROOT}SECURITY.md`, "utf8")).rows;
  const proven = [...read(markdown).tests.keys()].filter((name) => !/^API\d+:/.test(name));
  expect(promised).toEqual(proven);
});

describe("docs/security-tests.md", () => {
  test("has a row for every feature and every item, and each row names tests that exist", () => {
    expect(missing(read(markdown))).toEqual([]);
  });

  test("names more than 100 tests in more than 25 files", () => {
    const named = [...read(markdown).tests.values()].flat();
    expect(named.length).toBeGreaterThan(100);
    expect(new Set(named.map(({ file }) => file)).size).toBeGreaterThan(25);
  });

  test.each([
    ["a row is gone", /^\| API7:2023 .*\n/m, "", "no row for API7:2023 "],
    ["a feature is gone", /^\| Separate widget .*\n/m, "", "no row for Separate widget"],
    [
      "a test is renamed",
      "› two tokens in one request count as no token",
      "› two tokens",
      "is named two tokens",
    ],
    ["a file is moved", "tests/http/cors.test.ts", "tests/cors.test.ts", "in tests/cors.test.ts"],
    ["a list is empty", /(### API1:2023 .*\n\n)(?:- .*\n)+/, "$1", "no test for API1:2023"],
  ] as const)("fails this test when %s", (_, from, to, problem) => {
    const changed = markdown.replace(from, to);
    expect(changed).not.toBe(markdown);
    expect(missing(read(changed)).join("\n")).toContain(problem);
  });
});
