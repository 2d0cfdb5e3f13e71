import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { hasDeployTool, runDeployTool } from "../support/deploy-tools.ts";

/** The workflows of GitHub, which run nowhere but there. */

const FOLDER = resolve(import.meta.dir, "../../.github/workflows");
const FILES = readdirSync(FOLDER);
const PARSER = resolve(
  import.meta.dir,
  "tools/node_modules/@actions/workflow-parser/dist/index.js",
);

const textOf = (file: string) => readFileSync(join(FOLDER, file), "utf8");

/** What is used of @actions/workflow-parser, which is installed beside this file only. */
interface Parser {
  readonly NoOperationTraceWriter: new () => object;
  parseWorkflow(
    file: { readonly name: string; readonly content: string },
    trace: object,
  ): { readonly context: { readonly errors: { getErrors(): readonly unknown[] } } };
}

interface Step {
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<
    Record<string, { readonly steps?: readonly Step[]; readonly "timeout-minutes"?: number }>
  >;
}

afterEach(cleanUp);

describe.each(FILES)(".github/workflows/%s", (file) => {
  const workflow = Bun.YAML.parse(textOf(file)) as Workflow;
  const jobs = Object.values(workflow.jobs);

  test("pins every action by the hash of a commit, and says which version that is", () => {
    const uses = Array.from(textOf(file).matchAll(/uses: (.+)/g), ([, used = ""]) => used);
    const pinned = /^(?:\.\/\S+|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((used) => !pinned.test(used))).toEqual([]);
  });

  test("begins with few rights, and no job runs without an end", () => {
    expect(workflow.permissions).toEqual(file === "ci.yml" ? { contents: "read" } : {});
    const endless = jobs.filter((job) => job.steps !== undefined && !job["timeout-minutes"]);
    expect(endless).toEqual([]);
  });

  test("puts nothing that a stranger could choose into the text of a command", () => {
    const commands = jobs.flatMap(({ steps = [] }) => steps.map(({ run = "" }) => run));
    expect(commands.filter((command) => command.includes("${{"))).toEqual([]);
  });

  test.if(hasDeployTool("shellcheck"))("has commands that shellcheck finds good", () => {
    for (const { steps = [] } of jobs) {
      for (const { run } of steps) {
        if (run === undefined) continue;
        const script = join(temporaryFolder(), "step.sh");
        writeFileSync(script, run);
        expect(runDeployTool("shellcheck", ["--shell=bash", script])).toEqual({
          exitCode: 0,
          said: "",
        });
      }
    }
  });

  test.if(hasDeployTool("workflow-parser"))("is understood by GitHub's own parser", async () => {
    const parser: Parser = await import(PARSER);
    const content = textOf(file);
    const { context } = parser.parseWorkflow(
      { name: file, content },
      new parser.NoOperationTraceWriter(),
    );
    expect(context.errors.getErrors().map(String)).toEqual([]);
  });
});
