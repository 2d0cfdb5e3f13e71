import { expect, test } from "bun:test";

import { LeaseWatch } from "../../src/peers/lease-watch.ts";
import { PACE } from "../../src/peers/pace.ts";

/** Looks at one replica, whose counter is each of the given ones in turn. Returns the numbers of the looks that found it silent. */
function silentLooks(beats: readonly number[], times = beats.map((_, i) => i * 1000)): number[] {
  const watch = new LeaseWatch(PACE);
  return beats.flatMap((beat, i) => {
    const others = new Map([["a.1", { beat, announced: 0 }]]);
    return watch.look(others, times[i] ?? 0).length > 0 ? [i] : [];
  });
}

test("a replica is silent when its counter was seen unchanged for five looks", () => {
  expect(silentLooks([7, 7, 7, 7, 7])).toEqual([]);
  expect(silentLooks([7, 7, 7, 7, 7, 7])).toEqual([5]);
});

test("a counter that grows once begins the count anew", () => {
  expect(silentLooks([7, 7, 7, 7, 7, 8, 8, 8, 8, 8])).toEqual([]);
  expect(silentLooks([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toEqual([]);
});

test("a replica that was away itself counts anew, because the others may have beaten meanwhile", () => {
  const beats = [7, 7, 7, 7, 7, 7, 7, 7];
  const times = [0, 1000, 2000, 3000, 4000, 6600, 7600, 8600];
  expect(silentLooks(beats, times)).toEqual([]);
});

test("one look that failed does not begin the count anew", () => {
  expect(silentLooks([7, 7, 7, 7, 7, 7], [0, 1000, 3000, 4000, 5000, 6000])).toEqual([5]);
});

test("a replica that is gone is forgotten", () => {
  const watch = new LeaseWatch(PACE);
  const others = new Map([["a.1", { beat: 7, announced: 0 }]]);
  for (let at = 0; at < 5000; at += 1000) watch.look(others, at);
  watch.look(new Map(), 5000);
  expect(watch.look(others, 6000)).toEqual([]);
});
