import { resolve } from "node:path";

import { ask, KEYS, readThread, resume, turnIdOf } from "../harness/chat-requests.ts";
import { answer, startModelServer } from "../harness/model-server.ts";
import { cleanUp, startChatporch } from "../harness/process.ts";
import { parseNdjson, parseSse } from "../harness/streams.ts";

/**
 * Runs the binary as an owner would, with a scripted model, and checks everything once.
 * Usage: bun scripts/smoke.ts [BINARY]
 */
const binary = resolve(process.argv[2] ?? "dist/chatporch");
const ANSWER = "Smoke rises, nothing burns.";
const TOO_LARGE_BYTES = 2 * 1024 * 1024 + 1;
/** A server that does not answer must not block the build. */
const CHECK_TIMEOUT_MS = 30_000;

let passed = 0;
let failed = 0;

async function check(name: string, run: () => Promise<void>): Promise<void> {
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(() => timer.reject(new Error("no answer")), CHECK_TIMEOUT_MS);
  try {
    await Promise.race([run(), timer.promise]);
    passed++;
    console.log(`✓ ${name}`);
  } catch (error) {
    failed++;
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timeout);
  }
}

function expectSame(what: string, actual: unknown, expected: unknown): void {
  if (Bun.deepEquals(actual, expected)) return;
  throw new Error(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
}

async function expectError(response: Response, status: number, code: string): Promise<void> {
  expectSame("the status", response.status, status);
  const body: { code?: string } = JSON.parse(await response.text());
  expectSame("the code", body.code, code);
}

async function checkServer(url: string): Promise<void> {
  let turnId = "";

  await check("health and readiness", async () => {
    for (const path of ["/health", "/ready"]) {
      const response = await fetch(`${url}${path}`);
      expectSame(`the status of ${path}`, response.status, 200);
      expectSame(`the body of ${path}`, await response.json(), { status: "ok" });
    }
  });

  await check("a chat as server-sent events", async () => {
    const text = await (await ask(url, "Hi", { sessionId: "sse" })).text();
    turnId = turnIdOf(text);
    const events = parseSse(text).map(({ data }) => data);
    expectSame("the first event", events[0]?.type, "start");
    const last = events.at(-1);
    expectSame("the answer", last?.type === "done" && last.message, ANSWER);
  });

  await check("a chat as NDJSON", async () => {
    const headers = { accept: "application/x-ndjson" };
    const text = await (await ask(url, "Hi", { sessionId: "ndjson", headers })).text();
    const last = parseNdjson(text).at(-1);
    expectSame("the answer", last?.type === "done" && last.message, ANSWER);
  });

  await check("a chat as JSON", async () => {
    const response = await ask(url, "Hi", { sessionId: "json", path: "/v1/chat" });
    expectSame("the status", response.status, 200);
    const { message }: { message?: string } = JSON.parse(await response.text());
    expectSame("the answer", message, ANSWER);
  });

  await check("resuming with Last-Event-ID", async () => {
    const whole = parseSse(await (await resume(url, turnId)).text());
    const rest = parseSse(await (await resume(url, turnId, 2)).text());
    expectSame("the rest", rest, whole.slice(2));
  });

  await check("the stored conversation", async () => {
    const messages = await readThread(url, "sse");
    const statuses = messages.map(({ status }) => status);
    expectSame("the statuses", statuses, ["complete", "complete"]);
    expectSame("the stored answer", messages.at(-1)?.content, ANSWER);
  });

  await checkAssets(url);

  await check("401 for a wrong key", async () => {
    const headers = { "x-api-key": "a-wrong-key-of-the-right-length" };
    await expectError(await ask(url, "Hi", { headers }), 401, "unauthorized");
  });

  await check("404 for an unknown address", async () => {
    await expectError(await fetch(`${url}/nowhere`), 404, "not_found");
  });

  await check("413 for a body over 2 MB", async () => {
    await expectError(await ask(url, "x".repeat(TOO_LARGE_BYTES)), 413, "body_too_large");
  });
}

/** What the build puts into the binary. */
async function checkAssets(url: string): Promise<void> {
  const files = {
    "/widget/chat-widget.js": "Chatporch",
    "/widget/panel/0123456789abcdef.ja.js": "送信",
    "/widget/chat-porch.js": "chat-porch",
    "/widget/chat-porch.d.ts": "class ChatPorch",
  };
  await check("the widget and the dashboard are in it", async () => {
    for (const [path, part] of Object.entries(files)) {
      const file = await fetch(url + path);
      expectSame(`the status of ${path}`, file.status, 200);
      expectSame(`whether ${path} is the right file`, (await file.text()).includes(part), true);
    }
    const page = await fetch(`${url}/dashboard`);
    expectSame("the status of the dashboard without a password", page.status, 503);
  });
}

async function smoke(): Promise<void> {
  // harness/process starts this binary instead of the source.
  process.env.CHATPORCH_BINARY = binary;
  console.log(`Smoke test of ${binary}`);
  const model = startModelServer(answer(ANSWER));
  try {
    const server = await startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url });
    await checkServer(server.url);
    await check("SIGTERM ends it with exit code 0", async () => {
      expectSame("the exit code", await server.stop("SIGTERM"), 0);
    });
  } catch (error) {
    failed++;
    console.log(`✗ start: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await cleanUp();
    await model.stop();
  }
  console.log(`${passed} passed, ${failed} failed`);
}

await smoke();
process.exit(failed === 0 ? 0 : 1);
