import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ADMIN_KEY, KEYS } from "../../harness/chat-requests.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { hasPostgres, sharedPostgres } from "../../harness/postgres.ts";
import {
  cleanUp,
  runChatporch,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";

setDefaultTimeout(60_000);

let folder: string;
let model: ModelServer;
let settings: Settings;

beforeEach(() => {
  folder = temporaryFolder();
  model = startModelServer(answer("Yes, in three days [1]."));
  settings = { ...KEYS, OPENAI_BASE_URL: model.url, OPENAI_MODEL: "test-model" };
});
afterEach(async () => {
  await cleanUp();
  await model.stop();
});

const run = (...words: string[]) => runChatporch(["test", ...words], settings, folder);

/** What holds for a database file, and for a server of databases. */
function testsAnswers(): void {
  test("the answers that the owner has written are tested beside the server, and a loss is an exit code", async () => {
    expect(await run()).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining("nothing to test"),
    });
    const { url } = await startChatporch(settings, folder);
    const headers = { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" };
    const body = JSON.stringify({ question: "Do you ship to Norway?", answer: "In three days." });
    const response = await fetch(`${url}/v1/admin/answers`, { method: "POST", headers, body });
    expect(response.status).toBe(201);

    expect(await run()).toMatchObject({
      exitCode: 0,
      stdout: "ok    Do you ship to Norway?\n1 asked, 0 lost\n",
    });
    // What a command asks is in the server's account.
    const spending = await (await fetch(`${url}/v1/admin/spending`, { headers })).json();
    expect(spending).toMatchObject({
      day: { spent: { outputTokens: expect.any(Number) }, held: { outputTokens: 0 } },
    });
    expect(Reflect.get(spending as object, "days")).toHaveLength(1);
    model.script = answer("Yes, in four days [1].");
    expect((await run()).stdout).toContain("      Yes, in [-three-] {+four+} days [1].\n");
    model.script = answer("[0] I do not know.");
    const lost = await run("--json");
    expect(lost.exitCode).toBe(1);
    expect(JSON.parse(lost.stdout)).toMatchObject({
      tested: 1,
      lost: 1,
      answers: [{ question: "Do you ship to Norway?", verdict: "unknown", isLoss: true }],
    });
    model.script = () => new Response("", { status: 401 });
    const untested = await run();
    expect([untested.exitCode, untested.stdout]).toEqual([
      2,
      expect.stringContaining("LOST  Do you ship to Norway? – the model has failed (model_error)"),
    ]);

    const listed = await fetch(`${url}/v1/admin/conversations`, { headers });
    expect(await listed.json()).toMatchObject({ total: 0 });
  });
}

describe("with a database file", testsAnswers);

describe.skipIf(!hasPostgres)("with PostgreSQL", () => {
  beforeEach(async () => {
    const url = await (await sharedPostgres()).createDatabase();
    settings = { ...settings, DATABASE_URL: url };
  });
  testsAnswers();
});

test("without a model nothing is tested, and it takes no questions", async () => {
  settings = KEYS;
  const { exitCode, stderr } = await runChatporch(
    ["test"],
    { ...KEYS, NODE_ENV: "production" },
    folder,
  );
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("no model is set up")]);
  expect(await run("Why?")).toMatchObject({ exitCode: 64 });
});
