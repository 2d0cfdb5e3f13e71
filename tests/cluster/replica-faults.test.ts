import { expect, setDefaultTimeout, test } from "bun:test";

import { readThread } from "../../harness/chat-requests.ts";
import type { Replica } from "../../harness/replica.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import {
  describeTrio,
  expectAnswered,
  expectInterrupted,
  expectRightEnd,
  expectStoredUntil,
  follow,
  INTERRUPTED_MS,
  LONG_MS,
  RECOVERED_MS,
  SHORT_MS,
  timed,
  type Trio,
  untilAnswered,
} from "./trio.ts";
import { expectWhole, listen, newQuestion } from "./visitor.ts";

setDefaultTimeout(60_000);

let trio: Trio;
let owner: Replica;
let other: Replica;
let third: Replica;

function use(started: Trio): void {
  trio = started;
  ({ owner, other, third } = started);
}

/** Replicas that die, freeze, or end in good order. */
describeTrio("a replica of three", use, () => {
  test("that is killed has its answer end as interrupted within 7 s, and its session goes on", async () => {
    const followed = await follow(trio, 60_000);
    const { visitor, turnId, asker, reader } = followed;
    await asker.until(150);
    const killedAt = performance.now();
    const sinceDeath = startStopwatch(other.pid, third.pid);
    await owner.kill();
    await asker.end;
    expect((await visitor.ask(third.url, newQuestion(1, 1))).status).toBe(409);
    const resumed = listen(await visitor.resume(third.url, turnId, asker.events.length));

    const answered = untilAnswered(visitor, third.url);
    for (const { end } of [reader, resumed]) expectInterrupted(await end);
    expect(sinceDeath()).toBeLessThan(INTERRUPTED_MS);
    await answered;
    expect(sinceDeath()).toBeLessThan(INTERRUPTED_MS);
    await expectStoredUntil(trio, killedAt, followed);
    expect(reader.events.length).toBeGreaterThan(100);
  });

  test("that is frozen for 3 s pauses its answer, whose end both readers then get", async () => {
    const { question, asker, reader } = await follow(trio, 1500);
    owner.pause();
    await Bun.sleep(SHORT_MS);
    owner.resume();
    expectWhole(await asker.end, question);
    // The database may say the end before the replica that wakes up has reached Redis again.
    expectRightEnd(await reader.end, question);
  });

  test("that is frozen for 8 s loses its answer to the others, and changes nothing when it wakes up", async () => {
    const followed = await follow(trio, 60_000);
    const { visitor, asker, reader } = followed;
    await asker.until(150);
    const frozenAt = performance.now();
    const sinceFreeze = startStopwatch(other.pid, third.pid);
    owner.pause();
    expectInterrupted(await reader.end);
    expect(sinceFreeze()).toBeLessThan(INTERRUPTED_MS);
    const content = await expectStoredUntil(trio, frozenAt, followed);
    await untilAnswered(visitor, third.url);
    await Bun.sleep(LONG_MS - (performance.now() - frozenAt));
    owner.resume();
    expectInterrupted(await asker.end);
    expect((await readThread(third.url, visitor.sessionId))[1]).toMatchObject({
      status: "interrupted",
      content,
    });
    await owner.ready();
    await expectAnswered(owner);
  });

  test("that ends in good order finishes its answer for both readers", async () => {
    const { question, asker, reader } = await follow(trio, 2000);
    const exitCode = owner.stop();
    expectWhole(await asker.end, question);
    expectWhole(await reader.end, question);
    expect(await exitCode).toBe(0);
    await owner.start();
  });

  test("that ends before its answer interrupts it for both readers, at once", async () => {
    await owner.stop();
    await owner.start({ SHUTDOWN_GRACE_MS: "300" });
    await owner.ready();
    const { visitor, asker, reader } = await follow(trio, 60_000);
    const { ms } = await timed(() => owner.stop());
    expectInterrupted(await asker.end, "draining");
    expectInterrupted(await reader.end, "draining");
    expect(ms).toBeLessThan(RECOVERED_MS);
    await untilAnswered(visitor, third.url);
  });
});
