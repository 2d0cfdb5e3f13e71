import { expect, setDefaultTimeout, test } from "bun:test";

import { readThread } from "../../harness/chat-requests.ts";
import type { Cluster } from "../../harness/cluster.ts";
import type { Replica } from "../../harness/replica.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import {
  describeTrio,
  expectAnswered,
  expectInterrupted,
  expectPace,
  expectStoredUntil,
  expectUnavailable,
  follow,
  INTERRUPTED_MS,
  LONG_MS,
  RECOVERED_MS,
  REFUSED_MS,
  timed,
  type Trio,
  untilAnswered,
} from "./trio.ts";
import { expectWhole, lastEvent, listen, newQuestion, newVisitor, tokensOf } from "./visitor.ts";

setDefaultTimeout(60_000);

let trio: Trio;
let cluster: Cluster;
let owner: Replica;
let other: Replica;
let third: Replica;

function use(started: Trio): void {
  trio = started;
  ({ cluster, owner, other, third } = started);
}

/** PostgreSQL away, or away from one replica. */
describeTrio("with three replicas,", use, () => {
  test.each(["immediate", "fast"] as const)(
    "a restart of PostgreSQL (%s) loses nothing, and the questions of that moment are answered",
    async (mode) => {
      const { visitor, question, asker, reader } = await follow(trio, 2500);
      const restarted = cluster.postgres.restart(mode);
      await expectAnswered(owner, other, third);
      await restarted;
      expectWhole(await asker.end, question);
      expectWhole(await reader.end, question);
      const [, answer] = await readThread(third.url, visitor.sessionId);
      expect(answer).toMatchObject({ status: "complete", content: question.answer });
    },
  );

  test("while PostgreSQL is silent, answers go on, questions are refused in 3.5 s, and no answer is lost", async () => {
    const { visitor, question, asker, reader } = await follow(trio, LONG_MS / 2);
    cluster.postgres.freeze();
    const frozenAt = performance.now();
    const refused = await timed(() => visitor.ask(third.url, newQuestion(1, 1)), third);
    expect(refused.ms).toBeLessThan(REFUSED_MS);
    await expectUnavailable(refused.result);
    for (const { url } of cluster.replicas) expect((await fetch(`${url}/ready`)).status).toBe(503);
    for (const { end } of [asker, reader]) {
      const events = await end;
      expect(lastEvent(events)).toMatchObject({ type: "error", code: "internal_error" });
      expect(tokensOf(events).trim()).toBe(question.answer);
    }
    // Only the end has to wait for the database.
    expectPace(asker, 1);
    await Bun.sleep(LONG_MS - (performance.now() - frozenAt));
    cluster.postgres.thaw();
    const { ms } = await timed(() =>
      Promise.all(cluster.replicas.map((replica) => replica.ready())),
    );
    expect(ms).toBeLessThan(RECOVERED_MS);
    await untilAnswered(visitor, other.url);
    const [, answer] = await readThread(third.url, visitor.sessionId);
    expect(answer).toMatchObject({ status: "complete", content: question.answer });
  });

  test("while PostgreSQL has no disk left, answers go on, questions are refused, and no answer is lost", async () => {
    const { visitor, question, asker, reader } = await follow(trio, 1500);
    await cluster.asDatabaseOwner(
      `CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END $$;
       CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON messages EXECUTE FUNCTION is_full()`,
    );
    const refused = await timed(() => visitor.ask(third.url, newQuestion(1, 1)), third);
    expect(refused.ms).toBeLessThan(REFUSED_MS);
    // The session's answer is under way, which is found before anything is written.
    expect(refused.result.status).toBe(409);
    const stranger = await newVisitor(third.url);
    await expectUnavailable(await stranger.ask(third.url, newQuestion(1, 1)));
    for (const { end } of [asker, reader]) {
      expect(lastEvent(await end)).toMatchObject({ type: "error", code: "internal_error" });
    }
    await cluster.asDatabaseOwner("DROP TRIGGER full_disk ON messages; DROP FUNCTION is_full()");
    const { ms } = await timed(() => untilAnswered(visitor, other.url), other);
    expect(ms).toBeLessThan(RECOVERED_MS);
    const [, answer] = await readThread(third.url, visitor.sessionId);
    expect(answer).toMatchObject({ status: "complete", content: question.answer });
  });

  test("a replica that is cut off from PostgreSQL loses its answers to the others, refuses questions and comes back", async () => {
    const followed = await follow(trio, 60_000);
    const { visitor, asker, reader } = followed;
    await asker.until(100);
    const cutAt = performance.now();
    const sinceCut = startStopwatch(other.pid, third.pid);
    owner.toPostgres.silence();
    const stranger = await newVisitor(third.url);
    const refused = await timed(() => stranger.ask(owner.url, newQuestion(1, 1)), owner);
    expect(refused.ms).toBeLessThan(REFUSED_MS);
    await expectUnavailable(refused.result);
    expect((await fetch(`${owner.url}/ready`)).status).toBe(503);
    await expectAnswered(other, third);

    expectInterrupted(await reader.end);
    expect(sinceCut()).toBeLessThan(INTERRUPTED_MS);
    const content = await expectStoredUntil(trio, cutAt, followed);
    await untilAnswered(visitor, third.url);
    await Bun.sleep(LONG_MS - (performance.now() - cutAt));
    await owner.toPostgres.heal();
    const { ms } = await timed(() => owner.ready(), owner);
    expect(ms).toBeLessThan(RECOVERED_MS);
    expectInterrupted(await asker.end);
    expect((await readThread(third.url, visitor.sessionId))[1]).toMatchObject({
      status: "interrupted",
      content,
    });
    await expectAnswered(owner);
  });

  test("a question that PostgreSQL took without the replica hearing of it is answered when it is repeated", async () => {
    const visitor = await newVisitor(owner.url);
    const question = newQuestion(3, 1);
    owner.toPostgres.silence("down");
    await expectUnavailable(await visitor.ask(owner.url, question));
    await owner.toPostgres.heal();
    const elapsedMs = startStopwatch(owner.pid, third.pid);
    for (;;) {
      const response = await visitor.ask(third.url, question);
      if (response.status === 200) {
        const events = await listen(response).end;
        // It was stored, so it was either begun there after all, or nobody generates it any more.
        expect(["done", "error"]).toContain(lastEvent(events)?.type ?? "");
        break;
      }
      await response.arrayBuffer();
      expect(elapsedMs()).toBeLessThan(INTERRUPTED_MS);
      await Bun.sleep(100);
    }
    await untilAnswered(visitor, other.url);
  });
});
