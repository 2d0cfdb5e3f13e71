import { expect, test } from "bun:test";

import { createRoom } from "../../src/knowledge/room.ts";

test.each([
  [799, true],
  [800, false],
  [2000, false],
])("with %p of 1000 bytes used, there is room for pages: %p", async (used, hasRoom) => {
  let looks = 0;
  const room = createRoom({
    store: { usedBytes: () => Promise.resolve((looks++, used)) },
    maxBytes: () => 1000,
  });
  expect(await Promise.all([room(), room(), room()])).toEqual([hasRoom, hasRoom, hasRoom]);
  // The figure may be a second old.
  expect(looks).toBe(1);
});
