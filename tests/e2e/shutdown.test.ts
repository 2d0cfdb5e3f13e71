import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, statSync } from "node:fs";

import {
  ask,
  databaseIn,
  KEYS,
  readDatabase,
  resume,
  turnIdOf,
} from "../../harness/chat-requests.ts";
import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer, startChatporch } from "../../harness/process.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { followBody, parseSse, type ResponseReader } from "../../harness/streams.ts";

setDefaultTimeout(30_000);

/** A second signal that comes at once may be the first one, passed on by a runner such as `bun run`. */
const SECOND_THOUGHTS_MS = 500;

let model: ModelServer;

beforeEach(() => {
  model = startModelServer(silence);
});

afterEach(async () => {
  await cleanUp();
  await model.stop();
});

async function startWithAnswerUnderWay(settings: Record<string, string> = {}) {
  const server = await startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url, ...settings });
  const reader = followBody(await ask(server.url, "Tell me a story"));
  const call = await model.call(0);
  call.token("Once upon ");
  await reader.until("Once upon");
  return { server, reader, call };
}

async function beginShutdown(server: RunningServer, signal: NodeJS.Signals): Promise<void> {
  server.kill(signal);
  await server.stdout.until(/shutting down/);
}

async function lastEventOf(reader: ResponseReader) {
  return parseSse(await reader.end()).at(-1)?.data;
}

/** Expects that the database is one file that can be copied: nothing is left in the write-ahead log. */
function expectCleanDatabase({ folder }: RunningServer): void {
  const wal = `${databaseIn(folder)}-wal`;
  expect(existsSync(wal) ? statSync(wal).size : 0).toBe(0);
  expect(readDatabase(databaseIn(folder)).integrity).toBe("ok");
}

test("an answer under way is finished while all new questions are refused", async () => {
  const { server, reader, call } = await startWithAnswerUnderWay();
  await beginShutdown(server, "SIGTERM");

  const refused = await ask(server.url, "Me too", { sessionId: "visitor-2" });
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ code: "draining" });
  const ready = await fetch(`${server.url}/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ code: "draining" });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);

  call.token("a time.");
  call.finish();
  expect(await lastEventOf(reader)).toMatchObject({
    type: "done",
    message: "Once upon a time.",
    finishReason: "stop",
  });
  expect(await server.exited).toBe(0);
  expectCleanDatabase(server);
  expect(readDatabase(databaseIn(server.folder)).messages).toEqual([
    { role: "user", content: "Tell me a story", status: "complete" },
    { role: "assistant", content: "Once upon a time.", status: "complete" },
  ]);
  expect(model.calls).toHaveLength(1);
});

test("with DRAIN_DELAY_MS, a balancer sees that the server leaves before questions are refused", async () => {
  const { server, reader, call } = await startWithAnswerUnderWay({ DRAIN_DELAY_MS: "2000" });
  await beginShutdown(server, "SIGTERM");
  expect((await fetch(`${server.url}/ready`)).status).toBe(503);
  model.script = answer("Still here.");
  const late = await ask(server.url, "Me too", { sessionId: "visitor-2" });
  expect(await late.text()).toContain("Still here.");
  call.finish();
  expect(await lastEventOf(reader)).toMatchObject({ type: "done" });
  expect(await server.exited).toBe(0);
  expectCleanDatabase(server);
});

test("a reader can still come back to an answer that is being finished", async () => {
  const { server, reader, call } = await startWithAnswerUnderWay();
  await beginShutdown(server, "SIGTERM");
  const second = followBody(await resume(server.url, turnIdOf(reader.text())));
  expect(await second.until("Once upon")).toContain("event: start\n");
  call.finish();
  expect(await lastEventOf(second)).toMatchObject({ type: "done", message: "Once upon" });
  expect(await server.exited).toBe(0);
});

test("an answer that outlasts the grace ends with an error and is kept as interrupted", async () => {
  const { server, reader, call } = await startWithAnswerUnderWay({ SHUTDOWN_GRACE_MS: "300" });
  server.kill("SIGTERM");
  expect(await lastEventOf(reader)).toMatchObject({ type: "error", code: "draining" });
  await call.left;
  expect(await server.exited).toBe(0);
  expectCleanDatabase(server);
  expect(readDatabase(databaseIn(server.folder)).messages).toMatchObject([
    { role: "user", status: "complete" },
    { role: "assistant", content: "Once upon", status: "interrupted" },
  ]);
});

/** Ends a server, and measures by a stopwatch how long that takes. */
async function timeStop(server: RunningServer, signal?: "SIGTERM" | "SIGINT") {
  const stopwatch = startStopwatch(server.pid);
  // What the process has waited for a processor cannot be read any more once it has ended.
  const looks = setInterval(stopwatch, 10);
  const exitCode = await server.stop(signal);
  clearInterval(looks);
  return { exitCode, ms: stopwatch() };
}

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("a second signal (%s) ends the process at once", async (signal, exitCode) => {
  const { server } = await startWithAnswerUnderWay({ SHUTDOWN_GRACE_MS: "60000" });
  await beginShutdown(server, "SIGTERM");
  await Bun.sleep(SECOND_THOUGHTS_MS);
  const stopped = await timeStop(server, signal);
  expect(stopped.exitCode).toBe(exitCode);
  expect(stopped.ms).toBeLessThan(1000);
});

test("one Ctrl-C that comes twice, from the terminal and from a runner, is one signal", async () => {
  const { server, reader, call } = await startWithAnswerUnderWay();
  server.kill("SIGINT");
  server.kill("SIGINT");
  await server.stdout.until(/shutting down/);
  call.finish();
  expect(await lastEventOf(reader)).toMatchObject({ type: "done", message: "Once upon" });
  expect(await server.exited).toBe(0);
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s ends an idle server within a second",
  async (signal) => {
    const server = await startChatporch(KEYS);
    // This leaves a connection open, as browsers and proxies do.
    await (await fetch(`${server.url}/health`)).text();
    const stopped = await timeStop(server, signal);
    expect(stopped.exitCode).toBe(0);
    expect(stopped.ms).toBeLessThan(1000);
    expectCleanDatabase(server);
  },
);

test("a signal that comes as soon as the server says that it listens ends the server", async () => {
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url };
  // Several servers, because each has only a short moment in which this could go wrong.
  const exits = Array.from({ length: 8 }, async () => (await startChatporch(settings)).stop());
  expect(await Promise.all(exits)).toEqual(Array(8).fill(0));
});

test("a client that never finishes its request does not delay the shutdown", async () => {
  const server = await startChatporch({ ...KEYS, SHUTDOWN_GRACE_MS: "300" });
  const { hostname, port } = new URL(server.url);
  const opened = Promise.withResolvers<void>();
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open(opening) {
        opening.write(
          "POST /v1/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n",
        );
        opening.write(`X-Api-Key: ${KEYS.WIDGET_API_KEY}\r\nContent-Length: 100\r\n\r\n{"session`);
        opening.flush();
        opened.resolve();
      },
      data() {},
    },
  });
  await opened.promise;
  // When a later request is answered, the server has seen the unfinished one.
  await (await fetch(`${server.url}/health`)).text();
  const stopped = await timeStop(server);
  expect(stopped.exitCode).toBe(0);
  expect(stopped.ms).toBeLessThan(3000);
  socket.end();
});
