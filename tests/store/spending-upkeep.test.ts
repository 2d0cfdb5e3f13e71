import { expect, test } from "bun:test";

import { createLogger } from "../../src/runtime/logger.ts";
import { tendSpending } from "../../src/store/spending-upkeep.ts";
import { until } from "../support/until.ts";

const LOG = createLogger({
  level: "error",
  format: "text",
  secrets: () => [],
  write() {},
  now: Date.now,
});

test("what gone processes have set aside is settled again and again, with the day of then, until it is stopped", async () => {
  const days: string[] = [];
  let today = "2026-11-26";
  const store = {
    async settleOrphans(day: string) {
      days.push(day);
      return 0;
    },
  };
  const loop = { isBehind: false };
  const upkeep = tendSpending({ store, today: () => today, loop, log: LOG, intervalMs: 1 });
  await until(() => days.length > 1);
  today = "2026-11-27";
  await until(() => days.includes(today));
  await upkeep.stop();
  const { length } = days;
  await Bun.sleep(5);
  expect(days).toHaveLength(length);
});
