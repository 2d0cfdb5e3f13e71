import { expect, test } from "bun:test";

import { compareNotices } from "../../harness/faults/notice-ledger.ts";

const STARTED = "conversation.started";
const EXPECTED = new Map([["c_1", [STARTED, "answer.failed t_1", "answer.failed t_2"]]]);

function notice(id: string, type: string, turnId?: string, conversationId = "c_1") {
  const data = { conversationId, ...(turnId === undefined ? {} : { turnId }) };
  return { headers: { "webhook-id": id }, body: JSON.stringify({ type, data }), path: "/" };
}

const [FIRST, SECOND, THIRD] = [
  notice("1", STARTED),
  notice("2", "answer.failed", "t_1"),
  notice("3", "answer.failed", "t_2"),
] as const;

test("the ledger of notices accepts each event once or again with its id, in order", () => {
  expect(compareNotices([FIRST, SECOND, THIRD], EXPECTED)).toEqual([]);
  expect(compareNotices([FIRST, FIRST, SECOND, THIRD, THIRD], EXPECTED)).toEqual([]);
});

test.each([
  ["one is missing", [FIRST, THIRD]],
  ["all are missing", []],
  ["two are swapped", [FIRST, THIRD, SECOND]],
  ["one comes again after a later one", [FIRST, SECOND, FIRST, THIRD]],
  ["one comes again with another id", [FIRST, notice("9", STARTED), SECOND, THIRD]],
  [
    "one is of another conversation",
    [FIRST, SECOND, THIRD, notice("4", STARTED, undefined, "c_2")],
  ],
])("the ledger of notices sees that %s", (_what, received) => {
  expect(compareNotices(received, EXPECTED)).not.toEqual([]);
});
