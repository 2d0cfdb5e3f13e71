import { expect, test } from "bun:test";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres } from "../../../harness/postgres.ts";
import type { ListMark } from "../../../src/store/list-marks.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { begin, newTurn, outcome } from "../../support/stored-turns.ts";

const OUTCOMES = [
  { status: "complete" },
  { status: "failed" },
  { status: "interrupted" },
  { status: "stopped" },
  { grounding: "none" },
  { grounding: "cited" },
] as const;

/** The marks that conversations of before have. */
const FILLED: readonly ListMark[] = ["failed", "stopped", "unanswered"];

test.skipIf(!hasPostgres)(
  "conversations of before the marks are found by the same marks as new ones, once these are filled in",
  async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const { store } = await openPostgresStore(url);
    for (let n = 0; n < 600; n += 1) {
      const turn = newTurn({ sessionId: `v${n}` });
      await begin(store, turn);
      await store.finishTurn(turn.turnId, outcome(OUTCOMES[n % OUTCOMES.length]));
    }
    const totals = async () => {
      const pages = FILLED.map((mark) => store.listConversations({ limit: 200, mark }));
      return (await Promise.all(pages)).map(({ total }) => total);
    };
    expect(await totals()).toEqual([200, 100, 100]);

    // As after the step of the schema that has brought them.
    const sql = new SQL(url, { max: 1 });
    await sql`UPDATE conversations SET is_failed = 0, is_stopped = 0, is_unanswered = 0`;
    await sql`INSERT INTO unmarked SELECT max(seq) FROM conversations`;
    expect(await totals()).toEqual([0, 0, 0]);
    expect(await store.fillMarks()).toBe(false);
    expect(await store.fillMarks()).toBe(true);
    expect(await totals()).toEqual([200, 100, 100]);
    await sql.close();
    await store.close();
  },
);

test.skipIf(!hasPostgres)(
  "what a replica of the version before stores beside new ones is found by its marks, too",
  async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const { store } = await openPostgresStore(url);
    const sql = new SQL(url, { max: 1 });
    // The statements of that version.
    const begins = (turn: string) =>
      sql`SELECT * FROM begin_turn(${turn}, 'visitor', 'c_1', 'old', 'Hi?', '', 'Hi?', NULL, 'm', 1000::bigint,
        2000, 30, 15, 10000::bigint, false)`;
    const ends = (turn: string, status: string, grounding: string) =>
      sql`SELECT finish_turn(${turn}, 'Text', '', 'Text', ${status}, NULL, NULL, 1::bigint, 2::bigint, 3::bigint,
        4::bigint, 5::bigint, 2000::bigint, 3::bigint, 0, 4, false, ${grounding}, NULL)`;
    const has = async (mark: ListMark) =>
      (await store.listConversations({ limit: 1, mark })).total === 1;
    await begins("t_1");
    await ends("t_1", "failed", "none");
    expect([await has("failed"), await has("unanswered")]).toEqual([true, true]);
    await begins("t_2");
    expect([await has("failed"), await has("unanswered")]).toEqual([false, true]);
    await ends("t_2", "stopped", "cited");
    expect([await has("stopped"), await has("unanswered")]).toEqual([true, true]);
    await sql.close();
    await store.close();
  },
);
