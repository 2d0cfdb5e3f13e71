import { describe, expect, test } from "bun:test";
import { posix } from "node:path";

import {
  readSourceFiles,
  type SourceFile,
  withoutCommentsAndText,
} from "./support/source-files.ts";

/** The dependency rules of the house. A rule that is in nobody's way is kept; one in the way is argued. */

interface Import {
  /** The importing file, relative to its top folder: src, harness or scripts. */
  readonly from: string;
  /** A file relative to the same folder, or a package. */
  readonly target: string;
  readonly isTypeOnly: boolean;
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
    imports.push({ from: path, target: resolve(specifier), isTypeOnly });
  }
  for (const [, specifier = ""] of code.matchAll(DYNAMIC)) {
    imports.push({ from: path, target: resolve(specifier), isTypeOnly: false });
  }
  return imports;
}

interface Rule {
  readonly rule: string;
  readonly isBroken: (found: Import) => boolean;
  /** What would break it. */
  readonly planted: SourceFile;
}

const MAY_IMPORT_ELYSIA =
  /^app\.ts$|^(?:http|operations)\/[\w-]+\.ts$|(?:^|\/)(?:routes|schema|[\w-]+-(?:routes|schema|plugin))\.tsx?$/;

/** The parts behind the seams: model, store, rate limiter and peers. */
const CONCRETE =
  /^(?:store\/(?:sqlite|postgres)\/|model\/(?:openai|demo)\.ts$|peers\/(?:alone|redis)|http\/(?:fixed-window-limiter|[\w-]+-limiter)\.ts$)/;
const RATE_LIMITER_SEAM = "http/rate-limiter.ts";

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
    rule: "the server runs without the doctor",
    isBroken: ({ from, target }) =>
      target.startsWith("doctor/") && !from.startsWith("doctor/") && from !== "commands/doctor.ts",
    planted: { path: "admin/routes.ts", text: 'import { Report } from "../doctor/report.ts";' },
  },
  {
    rule: "the seams know nothing of what stands behind them, or in front",
    isBroken: ({ from, target, isTypeOnly }) =>
      ["model/model.ts", "store/store.ts", RATE_LIMITER_SEAM].includes(from) &&
      !isTypeOnly &&
      target !== "",
    planted: { path: "store/store.ts", text: 'import { Database } from "bun:sqlite";' },
  },
];

/** Files of one implementation may know each other. */
function isSamePart(from: string, target: string): boolean {
  return posix.dirname(from) === posix.dirname(target) && target.startsWith("store/");
}

const files = await readSourceFiles();
const imports = files.flatMap(importsOf);

test("the scanner sees the files and their imports", () => {
  expect(files.length).toBeGreaterThan(40);
  expect(imports).toContainEqual({ from: "app.ts", target: "elysia", isTypeOnly: false });
  expect(imports).toContainEqual({
    from: "parts.ts",
    target: "store/sqlite/open.ts",
    isTypeOnly: false,
  });
  expect(imports).toContainEqual({
    from: "chat/service.ts",
    target: "store/store.ts",
    isTypeOnly: true,
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

describe.each(["src", "harness", "scripts"])("%s imports no tests", (folder) => {
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

describe("the product imports nothing of harness and scripts", () => {
  const isOutside = ({ target }: Import) => /^(?:\.\.\/)+(?:harness|scripts)\//.test(target);

  test("is kept", () => {
    expect(imports.filter(isOutside)).toEqual([]);
  });

  test("would be seen to be broken", () => {
    const planted = { path: "chat/service.ts", text: 'import { x } from "../../harness/x.ts";' };
    expect(importsOf(planted).filter(isOutside)).toHaveLength(1);
  });
});

/** The environment and the command line, however they are reached. */
const ENVIRONMENT =
  /\bprocess\s*(?:\.|\[)\s*["']?(?:env|argv)\b|\bBun\s*\.\s*(?:env|argv)\b|\bimport\.meta\.env\b/;

describe("only commands/environment reads the environment and the command line", () => {
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

test("no file holds what belongs nowhere", () => {
  const homeless = /(?:^|\/)(?:utils?|common|helpers?|types|misc|index)\.tsx?$/;
  expect(files.map(({ path }) => path).filter((path) => homeless.test(path))).toEqual([]);
});

test("names of files are in kebab-case", () => {
  const kebab = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:[-.][a-z0-9]+)*\.tsx?$/;
  expect(files.map(({ path }) => path).filter((path) => !kebab.test(path))).toEqual([]);
});
