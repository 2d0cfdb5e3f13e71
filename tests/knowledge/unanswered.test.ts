import { expect, test } from "bun:test";

import { listUnanswered } from "../../src/knowledge/unanswered.ts";

test("long questions of many visitors are read with turns of the event loop between them", async () => {
  const asked = (n: number) => ({
    question: `${n}شحن `.repeat(600),
    at: n,
    conversationId: `c_${n}`,
    turnId: `t_${n}`,
    messageId: n,
    reasons: ["unknown"] as const,
  });
  const store = {
    listSettled: () => Promise.resolve([]),
    listUnanswered: () => Promise.resolve(Array.from({ length: 100 }, (_, n) => asked(n))),
  };
  let turns = 0;
  let isReading = true;
  const count = () => {
    turns += 1;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  const topics = await listUnanswered(store);
  isReading = false;
  expect(topics).toHaveLength(100);
  expect(turns).toBeGreaterThan(50);
});
