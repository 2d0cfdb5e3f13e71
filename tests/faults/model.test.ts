import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { startBinary } from "../../harness/binary.ts";
import { KEYS } from "../../harness/chat-requests.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { Ledger } from "../../harness/faults/ledger.ts";
import {
  expectReturned,
  expectSteadyMemory,
  type Resources,
  resourcesOf,
} from "../../harness/faults/resources.ts";
import { audit } from "../../harness/faults/stored.ts";
import { askAndNote, askPatiently } from "../../harness/faults/visitor.ts";
import {
  chunk,
  type Fault,
  type FaultyModel,
  GOOD_ANSWER,
  GOOD_STREAM,
  respond,
  startFaultyModel,
  stream,
  STREAM_END,
  STREAM_HEAD,
  write,
} from "../../harness/faulty-model.ts";
import { finishChunk, tokenChunk } from "../../harness/model-server.ts";
import { cleanUp, type RunningServer } from "../../harness/process.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { PUBLIC_ERRORS } from "../../src/errors.ts";

setDefaultTimeout(60_000);

/** Shorter than the faults that hang, and longer than any delay of a busy machine. */
const HASTY = { MODEL_FIRST_TOKEN_TIMEOUT_MS: "1000", MODEL_IDLE_TIMEOUT_MS: "1000" };
/** Long enough for the retries of the SDK. */
const PATIENT = { MODEL_FIRST_TOKEN_TIMEOUT_MS: "20000", MODEL_IDLE_TIMEOUT_MS: "20000" };
/** Words of the model's error body that no visitor may see. */
const UPSTREAM_WORDS = "upstream says no to sk-secret-upstream";
const JSON_HEADERS = { "content-type": "application/json" };
const MANY = 1_000_000;
const AT_ONCE = 5000;
const LARGE_TOKEN_BYTES = 10 * 1024 * 1024;

function status(code: number, headers: Readonly<Record<string, string>> = {}): Fault {
  const body = JSON.stringify({ error: { message: UPSTREAM_WORDS, type: "test" } });
  return respond(code, { ...JSON_HEADERS, ...headers }, body);
}

/** Sends each byte in a packet of its own, as far as the system does so. */
const byteByByte: Fault = async (socket) => {
  socket.setNoDelay(true);
  socket.write(STREAM_HEAD);
  for (const byte of Buffer.from(tokenChunk("Grüße 👋🏽 日本"))) {
    await write(socket, chunk(Uint8Array.of(byte)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end(
    Buffer.concat([chunk(finishChunk("stop")), chunk(STREAM_END), Buffer.from("0\r\n\r\n")]),
  );
};

const emptyChunks: Fault = async (socket) => {
  socket.write(STREAM_HEAD);
  const empty = chunk('data: {"choices":[{"index":0,"delta":{}}]}\n\n'.repeat(AT_ONCE));
  for (let sent = 0; sent < MANY; sent += AT_ONCE) await write(socket, empty);
  socket.end(Buffer.concat(GOOD_STREAM.slice(1)));
};

const endless: Fault = async (socket) => {
  socket.write(STREAM_HEAD);
  const words = chunk(tokenChunk("and on ").repeat(100));
  while (!socket.destroyed) {
    await write(socket, words);
    // Without a pause, this loop would never notice the end of a connection that takes everything at once.
    await new Promise((resolve) => setImmediate(resolve));
  }
};

interface Case {
  readonly fault: Fault;
  /** The public error code, or the text of an answer that comes in spite of the fault. */
  readonly outcome: { readonly code: ErrorCode } | { readonly text: string | RegExp };
  readonly settings?: "hasty";
  /** True for a fault that keeps the server busy, so that no other may run beside it. */
  readonly isHeavy?: true;
}

const model_error = { code: "model_error" } as const;
const model_busy = { code: "model_busy" } as const;
const model_timeout = { code: "model_timeout" } as const;

const CASES: Readonly<Record<string, Case>> = {
  "hangs before headers": { fault: () => {}, outcome: model_timeout, settings: "hasty" },
  "hangs within the headers": {
    fault: (socket) => void socket.write(STREAM_HEAD.slice(0, 30)),
    outcome: model_timeout,
    settings: "hasty",
  },
  "hangs before the first token": {
    fault: (socket) => void socket.write(STREAM_HEAD),
    outcome: model_timeout,
    settings: "hasty",
  },
  "hangs between tokens": {
    fault: (socket) => void socket.write(Buffer.concat(GOOD_STREAM.slice(0, 2))),
    outcome: model_timeout,
    settings: "hasty",
  },
  "answers 400": { fault: status(400), outcome: model_error },
  "answers 401": { fault: status(401), outcome: model_error },
  "answers 403": { fault: status(403), outcome: model_error },
  "answers 404": { fault: status(404), outcome: model_error },
  "answers 429": { fault: status(429), outcome: model_busy },
  "answers 429 with Retry-After": {
    fault: status(429, { "retry-after": "1" }),
    outcome: model_busy,
  },
  "answers 429 with a Retry-After beyond the deadline": {
    fault: status(429, { "retry-after": "30" }),
    outcome: model_timeout,
    settings: "hasty",
  },
  "answers 500": { fault: status(500), outcome: model_error },
  "answers 503": { fault: status(503), outcome: model_busy },
  "resets the connection": { fault: (socket) => void socket.destroy(), outcome: model_error },
  "sends broken JSON": { fault: stream('data: {"choices":[{"del\n\n'), outcome: model_error },
  "sends broken JSON after a token": {
    fault: stream(tokenChunk("Hello "), 'data: {"choices":[{"del\n\n'),
    outcome: model_error,
  },
  "sends broken SSE": { fault: stream("no\u0000thing: of\rthe kind\n\n"), outcome: model_error },
  "sends bytes that are no HTTP": {
    fault: (socket) => void socket.end("SSH-2.0-OpenSSH_9.9\r\n"),
    outcome: model_error,
  },
  "sends a page of a captive portal": {
    fault: respond(200, { "content-type": "text/html" }, "<html>Please log in</html>"),
    outcome: model_error,
  },
  "sends an error in its stream": {
    fault: stream(tokenChunk("Hello "), `data: {"error":{"message":"${UPSTREAM_WORDS}"}}\n\n`),
    outcome: model_error,
  },
  "sends 10 MB in one token": {
    fault: stream(tokenChunk("x".repeat(LARGE_TOKEN_BYTES)), finishChunk("stop"), STREAM_END),
    outcome: model_error,
    isHeavy: true,
  },
  "splits tokens inside UTF-8": { fault: byteByByte, outcome: { text: "Grüße 👋🏽 日本" } },
  "sends a million empty chunks": {
    fault: emptyChunks,
    outcome: { text: GOOD_ANSWER },
    isHeavy: true,
  },
  "never ends": { fault: endless, outcome: { text: /^(?:and on )+an/ }, isHeavy: true },
};

function faultOf(question: string): Fault | undefined {
  return CASES[question]?.fault;
}

let model: FaultyModel;
let servers: { readonly patient: RunningServer; readonly hasty: RunningServer };
let before: { readonly patient: Resources | undefined; readonly hasty: Resources | undefined };
const ledgers = { patient: new Ledger(), hasty: new Ledger() };

beforeAll(async () => {
  model = await startFaultyModel(faultOf);
  const settings = { ...KEYS, ...UNLIMITED, OPENAI_BASE_URL: model.url };
  const [patient, hasty] = await Promise.all([
    startBinary({ ...settings, ...PATIENT }),
    startBinary({ ...settings, ...HASTY }),
  ]);
  servers = { patient, hasty };
  // The first question loads the model's client, so open files are counted after it.
  for (const name of ["patient", "hasty"] as const) {
    await askAndNote(servers[name].url, ledgers[name], "first", "Hi");
  }
  before = { patient: resourcesOf(patient.pid), hasty: resourcesOf(hasty.pid) };
});

afterAll(async () => {
  await cleanUp();
  await model.stop();
});

async function expectGoodAnswer(server: RunningServer, ledger: Ledger, session: string) {
  const next = await askAndNote(server.url, ledger, session, `${session}: and now?`);
  expect(next.done).toBe(GOOD_ANSWER);
}

describe("a question gets its answer or error, and the next one is answered well, with a model that", () => {
  for (const [name, { outcome, settings = "patient", isHeavy }] of Object.entries(CASES)) {
    const run = isHeavy ? test : test.concurrent;
    run(name, async () => {
      const server = servers[settings];
      const ledger = ledgers[settings];
      const turn = await askAndNote(server.url, ledger, name.replaceAll(" ", "-"), name);
      expect(turn.turnId).toBeString();
      if ("code" in outcome) expect(turn.errorCode).toBe(outcome.code);
      else if (typeof outcome.text === "string") expect(turn.done).toBe(outcome.text);
      else expect(turn.done).toMatch(outcome.text);
      await expectGoodAnswer(server, ledger, name.replaceAll(" ", "-"));
    });
  }

  const statuses = Object.entries(CASES).filter(([name]) => /^answers|before headers/.test(name));
  for (const [name, { outcome, settings = "patient" }] of statuses) {
    test.concurrent(`${name}, asked without a stream`, async () => {
      if (!("code" in outcome)) return;
      const { url } = servers[settings];
      const sessionId = `json-${name.replaceAll(" ", "-")}`;
      const turn = ledgers[settings].ask(sessionId, name);
      const response = await askPatiently(url, name, { path: "/v1/chat", sessionId });
      const body = await response.text();
      turn.refused(outcome.code);
      expect(response.status).toBe(PUBLIC_ERRORS[outcome.code].status);
      expect(JSON.parse(body)).toMatchObject({ code: outcome.code });
      expect(body).not.toContain(UPSTREAM_WORDS);
    });
  }
});

/** The length of the good stream up to the end of each piece, in bytes. */
const PIECES = GOOD_STREAM.map((_, index) => Buffer.concat(GOOD_STREAM.slice(0, index + 1)).length);

test("a stream that is cut after any byte is sent and stored as far as it came", async () => {
  const [afterHead = 0, afterHello = 0, afterThere = 0, , afterDone = 0] = PIECES;
  const whole = Buffer.concat(GOOD_STREAM);
  const ledger = new Ledger();
  const cutting = await startFaultyModel((question) => {
    const turn = ledger.turns.find((asked) => asked.question === question);
    const [, digits] = /^cut after (\d+) bytes$/.exec(question) ?? [];
    if (digits === undefined) return undefined;
    const length = Number(digits);
    return async (socket) => {
      if (length > 0) await write(socket, whole.subarray(0, length));
      // The cut waits until the visitor has the events before it: start, two tokens, done.
      const milestones = [afterHead, afterHello, afterThere, afterDone];
      const reached = milestones.filter((milestone) => length >= milestone).length;
      if (reached > 1) await turn?.events(reached);
      socket.destroy();
    };
  });
  const server = await startBinary({ ...KEYS, ...UNLIMITED, OPENAI_BASE_URL: cutting.url });
  const lengths = Array.from({ length: whole.length }, (_, length) => length);
  const turns = await Promise.all(
    lengths.map((length) =>
      askAndNote(server.url, ledger, `cut-${length}`, `cut after ${length} bytes`),
    ),
  );
  for (const [length, { done, errorCode }] of turns.entries()) {
    const ending = { length, ending: done ?? errorCode };
    if (length >= afterDone) expect(ending).toEqual({ length, ending: GOOD_ANSWER });
    else if (length <= afterThere) expect(ending).toEqual({ length, ending: "model_error" });
    // An answer is complete when its finish reason was read before the end of the connection.
    else expect(done ?? errorCode).toBeOneOf([GOOD_ANSWER, "model_error"]);
  }
  await expectGoodAnswer(server, ledger, "after-the-cuts");
  expect(await audit(server, ledger)).toEqual([]);
  await server.stop();
  await cutting.stop();
});

test("a question after the model's server has come back is answered", async () => {
  const gone = await startFaultyModel(() => undefined);
  await gone.stop();
  const server = await startBinary({ ...KEYS, OPENAI_BASE_URL: gone.url });
  const ledger = new Ledger();
  const turn = await askAndNote(server.url, ledger, "early", "Anybody there?");
  expect(turn.errorCode).toBe("model_error");
  const back = await startFaultyModel(() => undefined, gone.port);
  await expectGoodAnswer(server, ledger, "early");
  expect(await audit(server, ledger)).toEqual([]);
  await server.stop();
  await back.stop();
});

test("memory does not grow when faults that take much of it are repeated", async () => {
  const heavy = Object.keys(CASES).filter((name) => CASES[name]?.isHeavy);
  await expectSteadyMemory(servers.patient, "a model that says too much", async (time) => {
    for (const name of heavy) {
      await askAndNote(servers.patient.url, ledgers.patient, `again-${time}`, name);
    }
  });
});

test("after all these faults no turn is lost, and nothing stays open", async () => {
  for (const name of ["patient", "hasty"] as const) {
    console.log(`faults: model (${name}): ${ledgers[name].acknowledged.length} turns`);
    expect(await audit(servers[name], ledgers[name])).toEqual([]);
    await expectReturned(servers[name], before[name], `model (${name})`, 2);
  }
  expect(model.openConnections()).toBe(0);
});
