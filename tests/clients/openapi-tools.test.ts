import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { ADMIN_KEY, createTestApp, type TestApp, WIDGET_KEY } from "../support/test-app.ts";

/**
 * The OpenAPI document in third-party tools: two linters, and two generators whose clients are used. They are
 * in a package of their own, because they weigh 140 MB: `bun install --cwd tests/clients`.
 */

const BIN = resolve(import.meta.dir, "node_modules/.bin");
const hasTools = existsSync(BIN);

if (!hasTools) {
  const advice = "no tools for OpenAPI found (bun install --cwd tests/clients)";
  if (process.env.REQUIRE_OPENAPI_TOOLS === "1") {
    throw new Error(`REQUIRE_OPENAPI_TOOLS=1, but ${advice}`);
  }
  console.warn(`\nTests of the OpenAPI document with other tools are SKIPPED: ${advice}\n`);
}

interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const child = Bun.spawn([...command], {
    cwd: import.meta.dir,
    // No tool looks for a newer version of itself, or sends reports to its makers.
    env: {
      PATH: process.env.PATH ?? "",
      CI: "1",
      REDOCLY_TELEMETRY: "off",
      REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
      ...env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = [new Response(child.stdout).text(), new Response(child.stderr).text()] as const;
  const [stdout, stderr] = await Promise.all(output);
  return { exitCode: await child.exited, stdout, stderr };
}

/** The exit code, with the output in case it is not the expected one. */
const verdict = ({ exitCode, stdout, stderr }: Finished) => ({
  exitCode,
  said: exitCode === 0 ? "" : stdout + stderr,
});

const GENERATED = resolve(import.meta.dir, "generated");
const DOCUMENT = resolve(GENERATED, "openapi.json");

describe.skipIf(!hasTools)("the OpenAPI document", () => {
  let model: ModelServer;
  let app: TestApp;
  let env: Record<string, string>;

  beforeAll(async () => {
    model = startModelServer(answer("Within weeks."));
    app = createTestApp({ modelUrl: model.url });
    const url = app.listen();
    env = { URL: url, WIDGET_KEY, ADMIN_KEY };
    rmSync(GENERATED, { recursive: true, force: true });
    await Bun.write(DOCUMENT, await (await fetch(`${url}/v1/openapi.json`)).text());
  });

  afterAll(async () => {
    await app.close();
    await model.stop();
    rmSync(GENERATED, { recursive: true, force: true });
  });

  test("has no error that Redocly finds by its recommended rules", async () => {
    const linted = await run([`${BIN}/redocly`, "lint", DOCUMENT]);
    expect(verdict(linted)).toEqual({ exitCode: 0, said: "" });
  });

  test("has no error that Spectral finds by its rules for OpenAPI", async () => {
    const rules = resolve(import.meta.dir, "spectral.yaml");
    const linted = await run([`${BIN}/spectral`, "lint", "--ruleset", rules, DOCUMENT]);
    expect(verdict(linted)).toEqual({ exitCode: 0, said: "" });
  });

  test("gives two generators clients whose types are right for the code that uses them", async () => {
    const types = resolve(GENERATED, "openapi-typescript.ts");
    const first = await run([`${BIN}/openapi-typescript`, DOCUMENT, "--output", types]);
    expect(verdict(first)).toEqual({ exitCode: 0, said: "" });
    const client = resolve(GENERATED, "hey-api");
    const second = await run([`${BIN}/openapi-ts`, "--input", DOCUMENT, "--output", client]);
    expect(verdict(second)).toEqual({ exitCode: 0, said: "" });
    const checked = await run([`${BIN}/tsc`, "--project", "tsconfig.json"]);
    expect(verdict(checked)).toEqual({ exitCode: 0, said: "" });
  });

  test("describes what an openapi-typescript client gets when it asks, reads, lists and is refused", async () => {
    const program = await run([process.execPath, "programs/openapi-fetch.ts"], env);
    expect(verdict(program)).toEqual({ exitCode: 0, said: "" });
    expect(JSON.parse(program.stdout)).toEqual({
      answer: "Within weeks.",
      ended: "whole",
      history: [
        ["user", "Do you ship to Norway?", "complete"],
        ["assistant", "Within weeks.", "complete"],
      ],
      total: 1,
      model: "test-model",
      csv: 4,
      refused: ["invalid_request", "/sessionId"],
      stranger: "unauthorized",
    });
  });

  test("describes what a Hey API client gets when it asks, streams, resumes and stops", async () => {
    const program = await run([process.execPath, "programs/hey-api.ts"], env);
    expect(verdict(program)).toEqual({ exitCode: 0, said: "" });
    expect(JSON.parse(program.stdout)).toEqual({
      events: ["begins", "Within ", "weeks.", "stop"],
      rest: ["weeks.", "stop"],
      stopped: "stop",
      history: [
        ["user", "complete"],
        ["assistant", "complete"],
      ],
      thread: 2,
      refused: "invalid_request",
    });
  });
});
