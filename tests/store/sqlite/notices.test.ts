import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";

import { migrate } from "../../../src/store/sqlite/migrate.ts";
import { addNotices } from "../../../src/store/sqlite/notice-triggers.ts";

/** How SQLite would find the rows, a line for each table. */
function planOf(statement: string): string[] {
  const db = new Database(":memory:", { strict: true });
  migrate(db);
  const rows = db.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${statement}`).all();
  db.close();
  return rows.map(({ detail }) => detail);
}

test.each(["answer.rated", "visitor.wrote", "answer.failed"] as const)(
  "a new notice of %s is compared with those that wait, however many were sent",
  (kind) => {
    const plan = planOf(addNotices(kind, { conversation: "5", turn: "'t_1'", at: "100000" }));
    const of = (table: string) => plan.filter((line) => line.startsWith(`SEARCH ${table} `));
    expect(plan.filter((line) => line.startsWith("SCAN"))).toEqual([]);
    for (const line of [...of("same"), ...of("o")]) expect(line).toContain("notices_order");
    for (const line of of("r")) expect(line).toContain("next_at>?");
    expect([of("same").length, of("o").length]).toEqual([1, 1]);
  },
);
