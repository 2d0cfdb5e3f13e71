import { afterAll, afterEach, beforeAll, describe, expect } from "bun:test";

import { readThread } from "../../harness/chat-requests.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { parseExposition } from "../../harness/exposition.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { answerAsAsked } from "../../harness/scripted-answers.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import type { SseMessage } from "../../harness/streams.ts";
import { END_NUMBER } from "../../src/turns/turn.ts";
import { hasServers } from "./servers.ts";
import {
  expectWhole,
  lastEvent,
  listen,
  type Listening,
  newQuestion,
  newVisitor,
  type TestQuestion,
  tokensOf,
  turnIdIn,
  type Visitor,
} from "./visitor.ts";

/**
 * Three replicas and their parts in the tests of the failure table in docs/scaling.md: what a fault does to the
 * visitor who asked, to a reader at another replica and to the next question, with the bounds that are promised.
 */

export const INTERRUPTED_MS = 7000;
export const REFUSED_MS = 3500;
export const RECOVERED_MS = 3000;
export const STOPPED_BY_DATABASE_MS = 2500;
/** The longest that a reader at the replica that generates may wait for a token while Redis is away. */
const LOCAL_GAP_MS = 250;
/** A reader at another replica gets the end from the database this long after the owner has stored it. */
export const ENDED_BY_DATABASE_MS = 2500;
/** Partial text is stored at least once a second (docs/contract.md, section 4). */
const UNSAVED_MS = 1000;
/** Shorter than the others wait before they give a replica up, and longer. */
export const SHORT_MS = 3000;
export const LONG_MS = 8000;
/** The time between two tokens of the answers that are followed. */
export const PAUSE_MS = 15;

export interface Trio {
  readonly cluster: Cluster;
  /** The replica that generates the answers that are followed. */
  readonly owner: Replica;
  /** The replica where they are read, too. */
  readonly other: Replica;
  readonly third: Replica;
}

/**
 * Declares tests that share a trio. Its proxies are healed after each of them.
 * @param use gets the trio before the first test
 */
export function describeTrio(name: string, use: (trio: Trio) => void, declare: () => void): void {
  describe.skipIf(!hasServers)(name, () => {
    let trio: Trio | undefined;
    beforeAll(async () => {
      trio = await startTrio();
      use(trio);
    });
    afterEach(() => trio?.cluster.heal());
    afterAll(async () => {
      await trio?.cluster.stop();
      await cleanUp();
    });
    declare();
  });
}

async function startTrio(): Promise<Trio> {
  const cluster = await startCluster({
    script: answerAsAsked,
    settings: { ...UNLIMITED, TRUST_PROXY: "1" },
  });
  const [owner, other, third] = cluster.replicas;
  if (!owner || !other || !third) throw new Error("There are not three replicas.");
  return { cluster, owner, other, third };
}

/** An answer of `owner`, which its asker and a reader at `other` follow. */
export interface Followed {
  readonly visitor: Visitor;
  readonly question: TestQuestion;
  readonly turnId: string;
  readonly asker: Listening;
  readonly reader: Listening;
}

export async function follow({ owner, other, third }: Trio, lengthMs: number): Promise<Followed> {
  const visitor = await newVisitor(third.url);
  const question = newQuestion(Math.ceil(lengthMs / PAUSE_MS), PAUSE_MS);
  const asker = listen(await visitor.ask(owner.url, question), owner.pid);
  await asker.until(3);
  const turnId = turnIdIn(asker.events);
  const reader = listen(await visitor.resume(other.url, turnId));
  await reader.until(5);
  return { visitor, question, turnId, asker, reader };
}

/**
 * Expects that the events came at their pace.
 * @param last the number of events at the end that may come later
 */
export function expectPace({ gaps }: Listening, last = 0): void {
  expect(Math.max(...gaps.slice(0, gaps.length - last))).toBeLessThan(LOCAL_GAP_MS);
}

/** Measures work by a stopwatch for this process and the replicas that do it. */
export async function timed<T>(work: () => Promise<T>, ...replicas: readonly Replica[]) {
  const stopwatch = startStopwatch(...replicas.map(({ pid }) => pid));
  const result = await work();
  return { result, ms: stopwatch() };
}

export async function expectAnswered(...replicas: readonly Replica[]): Promise<void> {
  await Promise.all(
    replicas.map(async ({ url }) => {
      const visitor = await newVisitor(url);
      const question = newQuestion(2, 1);
      expectWhole(await listen(await visitor.ask(url, question)).end, question);
    }),
  );
}

/**
 * The reader got the right end: after the events in order, or from the database in their place, and then with
 * the last numbers that there are.
 */
export function expectRightEnd(events: readonly SseMessage[], { answer }: TestQuestion): void {
  const numbers = events.map(({ id }) => Number(id));
  const fromOwner = numbers.filter((number) => number <= END_NUMBER - numbers.length);
  const stored = END_NUMBER - numbers.length + 1;
  const expected = numbers.map((_, index) => (index < fromOwner.length ? 1 : stored) + index);
  expect(numbers).toEqual(expected);
  expect(answer).toStartWith(tokensOf(events).trim());
  expect(lastEvent(events)).toMatchObject({ type: "done", message: answer });
}

export function expectInterrupted(events: readonly SseMessage[], code = "interrupted"): void {
  expect(lastEvent(events)).toMatchObject({ type: "error", code });
}

/** The answer is stored as interrupted, with what had come a second before the moment. */
export async function expectStoredUntil(
  { third }: Trio,
  at: number,
  { visitor, question, asker }: Followed,
): Promise<string> {
  const [, answer] = await readThread(third.url, visitor.sessionId);
  expect(answer?.status).toBe("interrupted");
  const saved = asker.events.filter((_, index) => (asker.times[index] ?? at) < at - UNSAVED_MS);
  expect(answer?.content).toStartWith(tokensOf(saved).trim());
  expect(question.answer).toStartWith(answer?.content ?? "nothing");
  return answer?.content ?? "";
}

/** Asks again until the session's last answer has an end. */
export async function untilAnswered(visitor: Visitor, url: string): Promise<void> {
  for (;;) {
    const question = newQuestion(2, 1);
    const response = await visitor.ask(url, question);
    if (response.status === 200) {
      expectWhole(await listen(response).end, question);
      return;
    }
    expect(response.status).toBe(409);
    await Bun.sleep(100);
  }
}

async function isBusUp({ url }: Replica): Promise<boolean> {
  const { values } = parseExposition(await (await fetch(`${url}/metrics`)).text());
  return values.get("chatporch_bus_up") === 1;
}

export async function untilBusIsUp({ cluster }: Trio): Promise<void> {
  const elapsedMs = startStopwatch(...cluster.replicas.map(({ pid }) => pid));
  for (const replica of cluster.replicas) {
    while (!(await isBusUp(replica))) {
      expect(elapsedMs()).toBeLessThan(RECOVERED_MS);
      await Bun.sleep(20);
    }
  }
}

/** All is well again soon: the bus carries tokens and stops at once. */
export async function expectRecovered(trio: Trio): Promise<void> {
  await untilBusIsUp(trio);
  const { visitor, turnId, asker, reader } = await follow(trio, 60_000);
  const stopped = await timed(() => visitor.stop(trio.third.url, turnId), trio.third, trio.owner);
  expect(stopped.result.status).toBe(200);
  expect(stopped.ms).toBeLessThan(STOPPED_BY_DATABASE_MS / 2);
  for (const { end } of [asker, reader]) {
    expect(lastEvent(await end)).toMatchObject({ finishReason: "stopped" });
  }
}

export async function expectUnavailable(response: Response): Promise<void> {
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ code: "store_unavailable" });
}
