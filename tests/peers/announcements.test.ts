import { expect, test } from "bun:test";

import { Announcements } from "../../src/peers/announcements.ts";
import { ownerName } from "../../src/peers/owner.ts";

const OTHER = "other";

function announced(count: number) {
  return new Map([[ownerName(OTHER, 1), { beat: 1, announced: count }]]);
}

/** Announcements of a replica that counts what it hears, from the moment on at which it serves. */
function createListener() {
  const counts = { heard: 0, missed: 0 };
  const feed = {
    onActivity: () => (counts.heard += 1),
    onMissedActivity: () => (counts.missed += 1),
  };
  let isServing = false;
  const announcements = new Announcements({
    bus: { sendToAll() {} },
    address: "own",
    own: () => (isServing ? feed : undefined),
  });
  return { announcements, counts, serve: () => (isServing = true) };
}

test("what others stored before a replica served anybody is not missed", () => {
  const { announcements, counts, serve } = createListener();
  announcements.compare(announced(3));
  serve();
  announcements.compare(announced(3));
  expect(counts).toEqual({ heard: 0, missed: 0 });
  announcements.compare(announced(4));
  expect(counts).toEqual({ heard: 0, missed: 1 });
});

test("a replica whose first look at the others came late has missed what they stored meanwhile", () => {
  const { announcements, counts, serve } = createListener();
  serve();
  announcements.compare(announced(1));
  expect(counts).toEqual({ heard: 0, missed: 1 });
});
