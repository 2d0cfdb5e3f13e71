import { expect, test } from "bun:test";

import { callReplicas } from "../../src/peers/roll-call.ts";

const replica = (id: string) => ({ id, host: "a", version: "1.0.0", startedAt: 0, beat: 1 });
const GROUP = {
  replicas: [replica("one.1"), replica("two.3")],
  self: "two.3",
};

test("a roll call marks the replica that asks and those that the bus reaches", async () => {
  const bus = { send: async (address: string) => address === "two" };
  const known = await callReplicas({ ...GROUP, bus });
  expect(known).toMatchObject([
    { id: "one.1", isSelf: false, isReached: false },
    { id: "two.3", isSelf: true, isReached: true },
  ]);
});

test("a roll call without a bus does not know who is reached", async () => {
  const known = await callReplicas({ ...GROUP, bus: undefined });
  expect(known.map(({ isReached }) => isReached)).toEqual([undefined, undefined]);
});
