import { expect, test } from "bun:test";

import { parseNdjson } from "../../../harness/streams.ts";
import { ndjsonEncoder } from "../../../src/chat/stream/ndjson.ts";
import { streamResponse } from "../../../src/chat/stream/response.ts";
import { LiveTurn } from "../../../src/turns/live-turn.ts";
import type { EventBatch } from "../../../src/turns/turn.ts";

const DONE = { type: "done", message: "", conversationId: "c", finishReason: "stop" } as const;
const NEVER_MS = 60_000;

function open(
  turn: LiveTurn,
  options: Partial<Parameters<typeof streamResponse<EventBatch>>[0]> = {},
) {
  let ends = 0;
  const response = streamResponse({
    source: turn,
    after: 0,
    encoder: ndjsonEncoder,
    heartbeatIntervalMs: NEVER_MS,
    signal: new AbortController().signal,
    ...options,
    onEnd: () => ends++,
  });
  return { response, ends: () => ends };
}

function createTurn(abandonedGraceMs = NEVER_MS): LiveTurn {
  return new LiveTurn({ id: "t", sessionId: "s", conversationId: "c", abandonedGraceMs });
}

test("a reader gets every event, those before it began to read and those after", async () => {
  const turn = createTurn();
  turn.append("one");
  const { response, ends } = open(turn);
  const text = response.text();
  turn.append("two");
  turn.publish();
  turn.end(DONE);
  const events = parseNdjson(await text);
  expect(events.map(({ type }) => type)).toEqual(["start", "token", "token", "done"]);
  expect(ends()).toBe(1);
});

test("a reader who takes nothing for a while delays nobody, and misses nothing", async () => {
  const turn = createTurn();
  const { response } = open(turn);
  const reader = response.body?.getReader();
  const first = reader?.read();
  // More than the stream keeps for a reader. The rest waits in the turn, which keeps it anyway.
  const token = "x".repeat(10_000);
  for (let n = 0; n < 50; n++) {
    turn.append(token);
    turn.publish();
    await Promise.resolve();
  }
  turn.end(DONE);
  const chunks = [(await first)?.value];
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    chunks.push(next.value);
  }
  const utf8 = new TextDecoder();
  const text = chunks.map((chunk) => utf8.decode(chunk, { stream: true })).join("");
  const events = parseNdjson(text);
  expect(events).toHaveLength(52);
  expect(events.at(-1)).toEqual(DONE);
});

test("a reader who takes nothing for four heartbeats is disconnected", async () => {
  const turn = createTurn();
  const { response, ends } = open(turn, { heartbeatIntervalMs: 5 });
  const reader = response.body?.getReader();
  await reader?.read();
  // More than the stream keeps for a reader.
  for (let n = 0; n < 50; n++) {
    turn.append("x".repeat(10_000));
    turn.publish();
  }
  while (ends() === 0) await Bun.sleep(1);
  expect(turn.hasEnded).toBe(false);
  turn.end(DONE);
  expect(ends()).toBe(1);
});

test("a silent turn sends a heartbeat at once, and then one each interval", async () => {
  const turn = createTurn();
  const { response } = open(turn, { after: 1, heartbeatIntervalMs: 5 });
  const reader = response.body?.getReader();
  let beats = "";
  while (beats.length < 3) beats += new TextDecoder().decode((await reader?.read())?.value);
  expect(beats.replaceAll("\n", "")).toBe("");
  turn.end(DONE);
});

test("a reader who leaves frees the turn, which is then abandoned", async () => {
  const turn = createTurn(1);
  const controller = new AbortController();
  const { response, ends } = open(turn, { signal: controller.signal });
  const text = response.text();
  controller.abort();
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
  expect(turn.abortReason).toBe("abandoned");
  expect(ends()).toBe(1);
  expect(await text).not.toContain("done");
});

test("a reader who left before its response was made frees the turn, too", async () => {
  const turn = createTurn(1);
  const { ends } = open(turn, { signal: AbortSignal.abort() });
  await new Promise((resolve) => turn.signal.addEventListener("abort", resolve));
  expect(ends()).toBe(1);
});
