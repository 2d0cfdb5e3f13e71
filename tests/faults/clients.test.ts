import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect, type Socket } from "node:net";

import { startBinary } from "../../harness/binary.ts";
import { ask, KEYS, resume } from "../../harness/chat-requests.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { Ledger } from "../../harness/faults/ledger.ts";
import { answerLoad, answerTo, tokensFor } from "../../harness/faults/load.ts";
import {
  expectReturned,
  expectSteadyMemory,
  type Resources,
  resourcesOf,
} from "../../harness/faults/resources.ts";
import { audit } from "../../harness/faults/stored.ts";
import { askAndNote, readEvents } from "../../harness/faults/visitor.ts";
import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { followBody, parseSse } from "../../harness/streams.ts";
import { openRaw } from "../support/raw-http.ts";
import { type Behaviour, canGather, type Crowd, gather } from "./crowd.ts";

setDefaultTimeout(60_000);

const ABANDONED_TURN_GRACE_MS = "100";
/** Clients in each crowd; two crowds are there at once. */
const CROWD = 5000;
/** An odd number, so that the median is one of the samples. */
const PROBES = 51;
/** The delay that a crowd may add to a first token. */
const MAX_ADDED_MS = 50;
/** Memory that a crowd may take: about 10 KB for each request whose headers have come, else almost nothing. */
const MAX_CROWD_MB = 100;
const TABS = 50;
/** How many bytes the slow client reads, one a second. */
const SLOW_BYTES = 3;
/** More than any server accepts as headers. */
const MAX_HEADER_BYTES = 1024 * 1024;
const HEADER_LINE = `x-more: ${"m".repeat(1000)}\r\n`;

let model: ModelServer;
let server: RunningServer;
let before: Resources | undefined;
const ledger = new Ledger();

beforeAll(async () => {
  model = startModelServer(answerLoad);
  const settings = {
    ...KEYS,
    ...UNLIMITED,
    OPENAI_BASE_URL: model.url,
    ABANDONED_TURN_GRACE_MS,
    // The crowd's clients come from many addresses.
    TRUST_PROXY: "1",
  };
  server = await startBinary(settings);
  await expectGoodAnswer("first");
  before = resourcesOf(server.pid);
});

afterAll(async () => {
  await cleanUp();
  await model.stop();
});

async function expectGoodAnswer(sessionId: string): Promise<void> {
  const number = ledger.turns.length;
  const turn = await askAndNote(server.url, ledger, sessionId, `question ${sessionId}/${number}`);
  expect(turn.done).toBe(answerTo(turn.question));
}

function requestOf(sessionId: string, message: string, path = "/v1/chat/stream"): string {
  const body = JSON.stringify({ sessionId, message });
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    `x-api-key: ${KEYS.WIDGET_API_KEY}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Resolves when the server has read what was sent on another connection before this call. */
async function untilSeen(): Promise<void> {
  await (await fetch(`${server.url}/health`)).text();
}

/** Milliseconds to the first token: the median of several, because a garbage collection may delay one. */
async function firstTokenMs(sessionId: string): Promise<number> {
  const times: number[] = [];
  model.script = answer("Hello there");
  for (let probe = 0; probe < PROBES; probe += 1) {
    const stopwatch = startStopwatch(server.pid);
    const turn = ledger.ask(sessionId, `probe ${sessionId}/${probe}`);
    const response = await ask(server.url, turn.question, { sessionId });
    expect(response.status).toBe(200);
    for await (const event of readEvents(response)) {
      turn.hear(event);
      if (event.type === "token" && times.length === probe) {
        times.push(stopwatch());
      }
    }
  }
  model.script = answerLoad;
  return times.toSorted((a, b) => a - b)[Math.floor(PROBES / 2)] ?? Infinity;
}

const hasRoom = canGather(2 * CROWD);
if (!hasRoom) {
  console.log(
    `faults: skipped, ${CROWD} clients: the system allows too few open files (ulimit -Hn)`,
  );
}
/** The server has to close these crowds while the other tests go on. */
const crowds: Crowd[] = [];

describe.if(hasRoom)(`${CROWD} clients`, () => {
  let aloneMs: number;

  beforeAll(async () => {
    aloneMs = await firstTokenMs("alone");
  });

  async function expectNoDelay(behaviour: Behaviour): Promise<Crowd> {
    const least = resourcesOf(server.pid);
    const crowd = await gather(server.url, CROWD, behaviour);
    const amongMs = await firstTokenMs(`among-${behaviour}`);
    const most = resourcesOf(server.pid);
    console.log(
      `faults: first token after ${aloneMs.toFixed(1)} ms, beside ${CROWD} (${behaviour}) after ` +
        `${amongMs.toFixed(1)} ms; ${least?.memoryMb} → ${most?.memoryMb} MB`,
    );
    expect(amongMs - aloneMs).toBeLessThan(MAX_ADDED_MS);
    if (least && most) expect(most.memoryMb - least.memoryMb).toBeLessThan(MAX_CROWD_MB);
    return crowd;
  }

  test("that send nothing do not delay a good client, and leave nothing open", async () => {
    const crowd = await expectNoDelay("idle");
    await crowd.leave();
    await expectReturned(server, before, "idle clients", 2);
  });

  test("that never send the rest of their question do not delay a good client", async () => {
    crowds.push(await expectNoDelay("body"));
  });

  test("that never end their headers do not delay a good client", async () => {
    crowds.push(await expectNoDelay("head"));
  });
});

test("clients that leave before their question is complete begin no turn", async () => {
  const request = requestOf("leaver", "Never to be stored");
  const bodyAt = request.indexOf("\r\n\r\n") + 4;
  const stages = [0, 10, bodyAt - 2, bodyAt, bodyAt + 5, request.length - 1];
  const asked = model.calls.length;
  for (const stage of stages) {
    const socket = await open();
    socket.write(request.slice(0, stage));
    await untilSeen();
    socket.destroy();
  }
  await expectGoodAnswer("after-the-leavers");
  expect(model.calls.length).toBe(asked + 1);
});

test("clients that leave during an answer stop the model, and the words so far are stored", async () => {
  model.script = silence;
  for (const [index, stage] of ["event: start\n", "Hello", "there"].entries()) {
    const asked = model.calls.length;
    const left = new AbortController();
    const sessionId = `left-${index}`;
    const turn = ledger.ask(sessionId, "Tell me");
    const response = await ask(server.url, "Tell me", { sessionId, signal: left.signal });
    const events = readEvents(response);
    const call = await model.call(asked);
    if (index > 0) call.token("Hello ");
    if (index > 1) call.token("there");
    for (let heard = 0; heard <= index; heard += 1) {
      const { value } = await events.next();
      if (value) turn.hear(value);
    }
    expect(turn.turnId, stage).toBeString();
    left.abort();
    await call.left;
  }
  model.script = answerLoad;
});

test("a client that reads a byte a second delays nobody and gets the whole answer", async () => {
  const question = "slow question";
  const turn = ledger.ask("slow", question);
  const socket = await open();
  const received: Buffer[] = [];
  socket.pause();
  socket.write(requestOf("slow", question));
  for (let read = 0; read < SLOW_BYTES; read += 1) {
    await expectGoodAnswer("beside-the-slow");
    await Bun.sleep(1000);
    const bytes: unknown = socket.read(1);
    if (bytes instanceof Buffer) received.push(bytes);
  }
  const done = new Promise<void>((resolve) => {
    socket.on("data", (bytes: Buffer) => {
      received.push(bytes);
      if (Buffer.concat(received).includes("event: done\n")) resolve();
    });
  });
  socket.resume();
  await done;
  const text = Buffer.concat(received).toString("utf8");
  for (const token of tokensFor(question)) expect(text).toContain(JSON.stringify(token));
  socket.destroy();
  const [, turnId = ""] = /"turnId":"([^"]+)"/.exec(text) ?? [];
  turn.hearWhole({ turnId, message: answerTo(question) });
});

test("a client that sends endless headers is cut off, and delays nobody", async () => {
  const socket = await open();
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      resolve();
    });
  });
  socket.resume();
  socket.write("GET /health HTTP/1.1\r\nhost: localhost\r\n");
  let sent = 0;
  while (!isClosed && sent < MAX_HEADER_BYTES) {
    socket.write(HEADER_LINE);
    sent += HEADER_LINE.length;
    await untilSeen();
  }
  expect(sent).toBeLessThan(MAX_HEADER_BYTES);
  await closed;
  await expectGoodAnswer("beside-the-headers");
});

/**
 * When a request comes before the last one is answered, Bun closes the connection, unless that answer
 * is ready at once. No browser or proxy sends such requests; the answers only must not be mixed up.
 */
test("pipelined questions are answered in their order, or not at all", async () => {
  const connection = await openRaw(server.url);
  const questions = ["pipelined 1", "pipelined 2", "pipelined 3"];
  const turns = questions.map((question, index) => ledger.ask(`pipe-${index}`, question));
  const requests = questions.map((question, index) =>
    requestOf(`pipe-${index}`, question, "/v1/chat"),
  );
  connection.write(requests.join(""));
  for (const turn of turns) {
    const answered = await connection.answer().catch(() => undefined);
    if (answered === undefined) break;
    expect(answered.status).toBe(200);
    turn.hearWhole(JSON.parse(answered.body));
    expect(turn.done).toBe(answerTo(turn.question));
  }
  connection.close();
  await expectGoodAnswer("after-the-pipeline");
});

test("the same Idempotency-Key from fifty connections at once makes one turn, and asks the model once", async () => {
  const question = "asked fifty times";
  const turn = ledger.ask("impatient", question);
  const headers = { "idempotency-key": "once", connection: "close" };
  const answers = await Promise.all(
    Array.from({ length: TABS }, async () => {
      const response = await ask(server.url, question, { sessionId: "impatient", headers });
      expect(response.status).toBe(200);
      return parseSse(await response.text()).map(({ data }) => data);
    }),
  );
  for (const event of answers[0] ?? []) turn.hear(event);
  expect(turn.done).toBe(answerTo(question));
  for (const events of answers) expect(events).toEqual(answers[0] ?? []);
  const runs = model.calls.filter(({ body }) => body.messages.at(-1)?.content === question);
  expect(runs).toHaveLength(1);
});

test("two tabs of one session share an answer, and the second one's question is refused meanwhile", async () => {
  model.script = silence;
  const asked = model.calls.length;
  const turn = ledger.ask("tabs", "From the first tab");
  const first = followBody(await ask(server.url, "From the first tab", { sessionId: "tabs" }));
  const call = await model.call(asked);
  call.token("Hello ");
  const [start] = parseSse(await first.until("Hello"));
  if (start?.data.type !== "start") throw new Error("The first event is no start.");
  const refused = await ask(server.url, "From the second tab", { sessionId: "tabs" });
  expect(refused.status).toBe(409);
  await refused.text();
  const second = followBody(await resume(server.url, start.data.turnId));
  await second.until("Hello");
  call.token("both");
  call.finish();
  const [text, same] = await Promise.all([first.end(), second.end()]);
  expect(same).toBe(text);
  for (const { data } of parseSse(text)) turn.hear(data);
  expect(turn.done).toBe("Hello both");
  model.script = answerLoad;
});

test("resuming is refused with invalid event numbers, and continues with valid ones", async () => {
  const turn = await askAndNote(server.url, ledger, "resumer", "resumed question");
  const { turnId = "" } = turn;
  const events = tokensFor(turn.question).length + 2;
  const headers = { "x-api-key": KEYS.WIDGET_API_KEY ?? "" };
  const wrong = ["-1", "1.5", "1e1", "0x1", "NaN", "999999998", "9".repeat(40), `${events + 1}`];
  for (const number of wrong) {
    const path = `${server.url}/v1/chat/stream/${turnId}`;
    const inHeader = await fetch(path, { headers: { ...headers, "last-event-id": number } });
    const inQuery = await fetch(`${path}?after=${number}`, { headers });
    for (const response of [inHeader, inQuery]) {
      expect([number, response.status]).toEqual([number, 400]);
      expect(await response.json()).toMatchObject({ code: "invalid_request" });
    }
  }
  expect((await resume(server.url, "t_unknown")).status).toBe(404);
  expect((await resume(server.url, turnId, events)).status).toBe(204);
  // The number of the end that another process has read from the database.
  expect((await resume(server.url, turnId, 999_999_999)).status).toBe(204);
  const rest = parseSse(await (await resume(server.url, turnId, events - 1)).text());
  expect(rest.map(({ data }) => data)).toMatchObject([{ type: "done", message: turn.done }]);
});

/**
 * Bun closes a connection whose first headers are incomplete after about 12 s, or later ones after the idle
 * time-out, even if a byte comes now and then. For the body, src/http/read-body.ts waits 5 to 20 s.
 */
test.if(hasRoom)(
  "the server closes the connections of all clients that never finish their requests",
  async () => {
    expect(crowds).toHaveLength(2);
    for (const crowd of crowds) {
      await crowd.closed;
      await crowd.leave();
    }
  },
);

test.if(hasRoom)(
  "memory does not grow when crowds of clients come and leave again and again",
  async () => {
    await expectSteadyMemory(server, "half-sent questions", async (time) => {
      const crowd = await gather(server.url, CROWD, "body");
      await expectGoodAnswer(`among-crowd-${time}`);
      await crowd.leave();
      await expectGoodAnswer(`after-crowd-${time}`);
    });
  },
);

test("after all these clients no turn is lost, and nothing stays open", async () => {
  console.log(`faults: clients: ${ledger.acknowledged.length} turns`);
  expect(await audit(server, ledger)).toEqual([]);
  await expectReturned(server, before, "clients", 2);
});
