import { describe, expect, test } from "bun:test";
import { posix } from "node:path";

import { functionsOf } from "./support/functions.ts";
import {
  readSourceFiles,
  type SourceFile,
  withoutCommentsAndText,
} from "./support/source-files.ts";

/** The dependency rules of the code. A rule that gets in the way is discussed, not worked around. */

interface Import {
  /** The importing file, relative to its top folder: src, harness or scripts. */
  readonly from: string;
  /** A file relative to the same folder, or a package. */
  readonly target: string;
  readonly isTypeOnly: boolean;
  /** Whether it is imported when it is used, and not at the start. */
  readonly isLazy: boolean;
}

const STATIC = /^\s*(import|export)\s(?:([^"';]*?)\sfrom\s+)?["']([^"']+)["']/gm;
const DYNAMIC = /\b(?:import|require|require\.resolve)\s*\(\s*["'`]([^"'`]+)["'`]/g;

/** What a file imports, statically and dynamically. */
function importsOf({ path, text }: SourceFile): Import[] {
  const resolve = (specifier: string) =>
    specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier;
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const imports: Import[] = [];
  for (const [, , clause = "", specifier = ""] of code.matchAll(STATIC)) {
    const isTypeOnly = clause.startsWith("type ");
    imports.push({ from: path, target: resolve(specifier), isTypeOnly, isLazy: false });
  }
  for (const [, specifier = ""] of code.matchAll(DYNAMIC)) {
    imports.push({ from: path, target: resolve(specifier), isTypeOnly: false, isLazy: true });
  }
  return imports;
}

interface Rule {
  readonly rule: string;
  readonly isBroken: (found: Import) => boolean;
  /** Imports that would break the rule. */
  readonly planted: SourceFile;
}

const MAY_IMPORT_ELYSIA =
  /^app\.ts$|^(?:http|operations)\/[\w-]+\.ts$|(?:^|\/)(?:routes|schema|[\w-]+-(?:routes|schema|plugin))\.tsx?$/;

/** The parts behind the seams: model, store, rate limiter and peers. */
const CONCRETE =
  /^(?:store\/(?:sqlite|postgres)\/|model\/(?:openai|openai-embeddings|demo)\.ts$|peers\/(?:alone|cluster|redis)|notices\/(?:mail|webhook|ntfy|telegram)\.ts$|http\/(?:fixed-window-limiter|[\w-]+-limiter)\.ts$)/;
const RATE_LIMITER_SEAM = "http/rate-limiter.ts";
const SEAMS = [
  "model/model.ts",
  "store/store.ts",
  "store/turn-store.ts",
  "store/conversation-store.ts",
  "store/cluster-store.ts",
  "store/knowledge-store.ts",
  "store/vector-store.ts",
  "store/rating-store.ts",
  "store/request-store.ts",
  "peers/peers.ts",
  "peers/bus.ts",
  "notices/channel.ts",
  "store/notice-store.ts",
  "peers/shared-counters.ts",
  "store/stored-tables.ts",
  RATE_LIMITER_SEAM,
];

const RULES: readonly Rule[] = [
  {
    rule: "the widget imports nothing but itself, conversation/events and session-id",
    isBroken: ({ from, target }) =>
      from.startsWith("widget/") &&
      !target.startsWith("widget/") &&
      !/^conversation\/(?:events|session-id)\.ts$/.test(target),
    planted: { path: "widget/panel.ts", text: 'import { x } from "../chat/turn.ts";' },
  },
  {
    rule: "nothing but routes, schemas, operations, plugins in http and app imports elysia",
    isBroken: ({ from, target }) =>
      /^(?:elysia|@elysiajs\/)/.test(target) && !MAY_IMPORT_ELYSIA.test(from),
    planted: { path: "chat/service.ts", text: 'import {\n  Elysia,\n  t,\n} from "elysia";' },
  },
  {
    rule: "nothing but model/openai imports openai",
    isBroken: ({ from, target }) => /^openai(?:\/|$)/.test(target) && from !== "model/openai.ts",
    planted: { path: "model/demo.ts", text: 'const sdk = await import("openai/index.mjs");' },
  },
  {
    rule: "nothing but notices/mail-server imports nodemailer",
    isBroken: ({ from, target }) =>
      /^nodemailer(?:\/|$)/.test(target) && from !== "notices/mail-server.ts",
    planted: { path: "notices/mail.ts", text: 'import { createTransport } from "nodemailer";' },
  },
  {
    rule: "nothing but store/sqlite imports bun:sqlite",
    isBroken: ({ from, target }) => target === "bun:sqlite" && !from.startsWith("store/sqlite/"),
    planted: { path: "admin/export.ts", text: 'import type { Database } from "bun:sqlite";' },
  },
  {
    rule: "only parts names what stands behind the seams",
    isBroken: ({ from, target }) =>
      CONCRETE.test(target) &&
      target !== RATE_LIMITER_SEAM &&
      from !== "parts.ts" &&
      !isSamePart(from, target),
    planted: { path: "app.ts", text: 'import { openSqliteStore } from "./store/sqlite/open.ts";' },
  },
  {
    rule: "parts imports what stands behind the seams only when it is used",
    isBroken: ({ from, target, isTypeOnly, isLazy }) =>
      from === "parts.ts" && CONCRETE.test(target) && !isTypeOnly && !isLazy,
    planted: { path: "parts.ts", text: 'import { RedisBus } from "./peers/redis/bus.ts";' },
  },
  {
    rule: "the server runs without the doctor and init",
    isBroken: ({ from, target }) =>
      /^(?:doctor|init)\//.test(target) &&
      !/^(?:doctor|init)\/|^commands\/(?:doctor|init|prompts)\.ts$/.test(from),
    planted: { path: "admin/routes.ts", text: 'import { Report } from "../doctor/report.ts";' },
  },
  {
    rule: "the seams know nothing of what stands behind them, or in front",
    isBroken: ({ from, target, isTypeOnly }) =>
      SEAMS.includes(from) && !isTypeOnly && target !== "",
    planted: { path: "store/store.ts", text: 'import { Database } from "bun:sqlite";' },
  },
];

/** Files of one implementation may import each other. */
function isSamePart(from: string, target: string): boolean {
  return posix.dirname(from) === posix.dirname(target) && /^(?:store|peers\/redis)\//.test(target);
}

const files = await readSourceFiles();
const imports = files.flatMap(importsOf);

test("the scanner of the house rules finds the files and their imports", () => {
  expect(files.length).toBeGreaterThan(40);
  expect(imports).toContainEqual({
    from: "app.ts",
    target: "elysia",
    isTypeOnly: false,
    isLazy: false,
  });
  expect(imports).toContainEqual({
    from: "parts.ts",
    target: "store/sqlite/open.ts",
    isTypeOnly: false,
    isLazy: true,
  });
  expect(imports).toContainEqual({
    from: "chat/service.ts",
    target: "store/turn-store.ts",
    isTypeOnly: true,
    isLazy: false,
  });
});

describe.each(RULES.map((each) => [each.rule, each] as const))(
  "%s",
  (_rule, { isBroken, planted }) => {
    test("is kept", () => {
      expect(imports.filter(isBroken)).toEqual([]);
    });

    test("would be seen to be broken", () => {
      expect(importsOf(planted).filter(isBroken)).toHaveLength(1);
    });
  },
);

describe.each(["src", "harness", "scripts"])("the rule that %s imports no tests", (folder) => {
  const isOfTests = ({ target }: Import) => /^(?:\.\.\/)+tests\//.test(target);

  test("is kept", async () => {
    const outside = (await readSourceFiles(folder)).flatMap(importsOf);
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.filter(isOfTests)).toEqual([]);
  });

  test("would be seen to be broken", () => {
    const planted = { path: "soak/run.ts", text: 'import { x } from "../../tests/support/x.ts";' };
    expect(importsOf(planted).filter(isOfTests)).toHaveLength(1);
  });
});

describe("the rule that the product imports nothing of harness and scripts", () => {
  const isOutside = ({ target }: Import) => /^(?:\.\.\/)+(?:harness|scripts)\//.test(target);

  test("is kept", () => {
    expect(imports.filter(isOutside)).toEqual([]);
  });

  test("would be seen to be broken", () => {
    const planted = { path: "chat/service.ts", text: 'import { x } from "../../harness/x.ts";' };
    expect(importsOf(planted).filter(isOutside)).toHaveLength(1);
  });
});

/** From the ground up, as docs/architecture.md draws them. A name with a slash is a folder, any other a file. */
const FLOORS: readonly (readonly string[])[] = [
  [
    "conversation/",
    "config/",
    "net/",
    "runtime/",
    "metrics/",
    "text/",
    "redaction/",
    "readers/",
    "crawl/",
    "errors.ts",
  ],
  ["store/", "model/"],
  ["spending/"],
  ["knowledge/", "people/", "turns/", "peers/", "settings/"],
  ["knowledge/", "notices/", "turns/", "peers/", "settings/"],
  ["http/"],
  ["proof/"],
  ["chat/", "admin/", "dashboard/", "operations/", "assets/"],
  ["app.ts", "doctor/", "init/"],
  ["parts.ts"],
  ["commands/"],
  ["main.ts"],
];
/** Runs in the browser. Another rule says what it imports. */
const BESIDE_THE_HOUSE = "widget/";

function floorOf(path: string): number {
  return FLOORS.findIndex((rooms) =>
    rooms.some((room) => (room.endsWith("/") ? path.startsWith(room) : path === room)),
  );
}

describe("the rule that no file imports upwards", () => {
  const paths = new Set(files.map(({ path }) => path));
  const isInHouse = (path: string) => paths.has(path) && !path.startsWith(BESIDE_THE_HOUSE);
  const isUpwards = ({ from, target }: Import) =>
    isInHouse(from) && isInHouse(target) && floorOf(target) > floorOf(from);

  test("has a floor for every file", () => {
    const homeless = [...paths].filter((path) => isInHouse(path) && floorOf(path) === -1);
    expect(homeless).toEqual([]);
  });

  test("is kept", () => {
    expect(imports.filter(isUpwards)).toEqual([]);
  });

  test("would be seen to be broken", () => {
    const planted = { path: "store/store.ts", text: 'import type { x } from "../app.ts";' };
    expect(importsOf(planted).filter(isUpwards)).toHaveLength(1);
  });
});

describe("the rule that imports make no circle", () => {
  test("is kept", () => {
    expect(circleIn(imports)).toEqual([]);
  });

  test("would be seen to be broken", () => {
    const planted = [
      { path: "a.ts", text: 'import { b } from "./b.ts";' },
      { path: "b.ts", text: 'import type { c } from "./c.ts";' },
      { path: "c.ts", text: 'const { a } = await import("./a.ts");' },
    ];
    expect(circleIn(planted.flatMap(importsOf))).toEqual(["a.ts", "b.ts", "c.ts", "a.ts"]);
  });

  test("is kept by the rooms, too", () => {
    const inHouse = new Set(files.map(({ path }) => path));
    const betweenRooms = imports
      .filter(({ target }) => inHouse.has(target))
      .map((each) => ({ ...each, from: roomOf(each.from), target: roomOf(each.target) }))
      .filter(({ from, target }) => from !== target);
    expect(betweenRooms.length).toBeGreaterThan(0);
    expect(circleIn(betweenRooms)).toEqual([]);
  });
});

/** The folder of a file, or the file itself where it stands in none. */
function roomOf(path: string): string {
  return path.split("/")[0] ?? path;
}

/** A path along imports that comes back to its beginning, or an empty one if there is none. */
function circleIn(all: readonly Import[]): string[] {
  const targets = Map.groupBy(all, ({ from }) => from);
  const finished = new Set<string>();
  const walk = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (finished.has(file)) return [];
    for (const { target } of targets.get(file) ?? []) {
      const circle = walk(target, [...way, file]);
      if (circle.length > 0) return circle;
    }
    finished.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const circle = walk(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

/** The environment and the command line, however they are reached. */
const ENVIRONMENT =
  /\bprocess\s*(?:\.|\[)\s*["']?(?:env|argv)\b|\bBun\s*\.\s*(?:env|argv)\b|\bimport\.meta\.env\b/;

describe("the rule that only commands/environment reads the environment and the command line", () => {
  const readsThem = ({ text }: SourceFile) => ENVIRONMENT.test(withoutCommentsAndText(text));

  test("is kept", () => {
    const readers = files.filter(readsThem).map(({ path }) => path);
    expect(readers).toEqual(["commands/environment.ts"]);
  });

  test("would be seen to be broken", () => {
    for (const text of [
      "process.env.PORT",
      "const { PORT } = process.env;",
      "Bun.env",
      "Bun.argv",
    ]) {
      expect(readsThem({ path: "config.ts", text })).toBe(true);
    }
    expect(readsThem({ path: "config.ts", text: "// as process.env has it" })).toBe(false);
  });
});

describe("the rule that only peers/redis uses the Redis client", () => {
  const usesIt = ({ text }: SourceFile) =>
    /\bRedisClient\b|\bBun\s*\.\s*redis\b|\{[^}]*\bredis\b[^}]*\}\s*from\s*["']bun["']/.test(text);

  test("is kept", () => {
    const users = files.filter(usesIt).map(({ path }) => path);
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((path) => !path.startsWith("peers/redis/"))).toEqual([]);
  });

  test("would be seen to be broken", () => {
    for (const text of [
      'import { RedisClient } from "bun";',
      "await Bun.redis.get(key);",
      'import { redis, SQL } from "bun";',
    ]) {
      expect(usesIt({ path: "http/rate-limit.ts", text })).toBe(true);
    }
  });
});

describe("the rule that only store/postgres uses Bun's client of SQL servers", () => {
  const usesIt = ({ text }: SourceFile) =>
    /\bBun\s*\.\s*(?:SQL|sql)\b|\{[^}]*\b(?:SQL|sql)\b[^}]*\}\s*from\s*["']bun["']/.test(text);

  test("is kept", () => {
    const users = files.filter(usesIt).map(({ path }) => path);
    expect(users.length).toBeGreaterThan(0);
    expect(users.filter((path) => !path.startsWith("store/postgres/"))).toEqual([]);
  });

  test("would be seen to be broken", () => {
    for (const text of [
      'import { SQL } from "bun";',
      "await Bun.sql`SELECT 1`;",
      'import { redis, sql } from "bun";',
    ]) {
      expect(usesIt({ path: "admin/export.ts", text })).toBe(true);
    }
  });
});

test("no file is named as a place for things that belong nowhere", () => {
  const homeless = /(?:^|\/)(?:utils?|common|helpers?|types|misc|index)\.tsx?$/;
  expect(files.map(({ path }) => path).filter((path) => homeless.test(path))).toEqual([]);
});

test("every file's name is in kebab-case", () => {
  const kebab = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:[-.][a-z0-9]+)*\.tsx?$/;
  expect(files.map(({ path }) => path).filter((path) => !kebab.test(path))).toEqual([]);
});

describe("the rule that a function has 70 lines at most, its table of data aside,", () => {
  const MAX_LINES = 70;

  test.each([
    ["src", 500],
    ["harness", 50],
    ["scripts", 50],
  ])("is kept in %s", async (folder, least) => {
    const functions = (await readSourceFiles(folder)).flatMap(functionsOf);
    expect(functions.length).toBeGreaterThan(least);
    expect(functions.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  const body = (lines: number, indent: string) => `${indent}step();\n`.repeat(lines);

  test.each([
    ["a function", `function f() {\n${body(69, "  ")}}`],
    [
      "a head of several lines",
      `async function f(\n  a: A,\n): Promise<void> {\n${body(67, "  ")}}`,
    ],
    ["a method", `class C {\n  run(): void {\n${body(69, "    ")}  }\n}`],
    ["an arrow", `const f = async () => {\n${body(69, "  ")}};`],
    ["a handler in a chain", `app.get("/", ({ set }) => {\n${body(69, "  ")}});`],
  ])("would be seen to be broken by %s", (_what, text) => {
    const [found] = functionsOf({ path: "a.ts", text });
    expect(found?.lines).toBe(71);
  });

  test("counts neither the functions declared in it nor the table at its end", () => {
    const inner = `  function inner(): void {\n${body(60, "    ")}  }\n`;
    const text = `function outer() {\n  step();\n${inner}  return {\n${body(90, "    ")}  };\n}`;
    const found = functionsOf({ path: "a.ts", text });
    expect(found.map(({ lines }) => lines)).toEqual([2, 62]);
  });
});
