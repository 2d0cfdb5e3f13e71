import { expect, test } from "bun:test";

import { type Follower, Followers } from "../../src/conversation/followers.ts";

/** A store of versions, and a follower that counts how often it looks. */
function create() {
  const versions = new Map<string, string>();
  const asked: (readonly string[])[] = [];
  let isAway = false;
  const followers = new Followers(async (ids) => {
    asked.push(ids);
    if (isAway) throw new Error("away");
    return new Map(ids.flatMap((id) => [[id, versions.get(id) ?? ""] as const]));
  });
  const looks: string[] = [];
  let findsNews = false;
  function follow(id: string): () => void {
    const follower: Follower = {
      onActivity() {},
      onTyping() {},
      async onMissed() {
        looks.push(id);
        return !findsNews;
      },
      onEnd() {},
    };
    return followers.follow(id, follower);
  }
  return {
    followers,
    versions,
    asked,
    follow,
    setAway: (away: boolean) => void (isAway = away),
    setFindsNews: (finds: boolean) => void (findsNews = finds),
    /** Which conversations were looked at after a beat. */
    async beat(): Promise<string[]> {
      looks.length = 0;
      followers.missed();
      await new Promise((resolve) => setImmediate(resolve));
      return [...looks];
    },
  };
}

test("of a hundred conversations that are followed, one query a beat finds those that have changed", async () => {
  const { asked, follow, versions, beat } = create();
  for (let n = 0; n < 100; n += 1) follow(`c_${n}`);
  follow("c_7");
  expect(await beat()).toHaveLength(101);
  expect(await beat()).toEqual([]);
  versions.set("c_7", "a message");
  expect(await beat()).toEqual(["c_7", "c_7"]);
  expect(await beat()).toEqual([]);
  expect(asked.map(({ length }) => length)).toEqual([100, 100, 100, 100]);
});

test("what changes while the store is away is seen once it is back", async () => {
  const { follow, versions, setAway, beat } = create();
  follow("c_1");
  await beat();
  setAway(true);
  versions.set("c_1", "a message");
  expect(await beat()).toEqual([]);
  setAway(false);
  expect(await beat()).toEqual(["c_1"]);
});

test("followers who found news look again, because these may be newer than the version that was asked for", async () => {
  const { follow, setFindsNews, beat } = create();
  follow("c_1");
  setFindsNews(true);
  expect(await beat()).toEqual(["c_1"]);
  setFindsNews(false);
  expect(await beat()).toEqual(["c_1"]);
  expect(await beat()).toEqual([]);
});

test("what is taken back elsewhere is seen, also where the version is the same as before it came", async () => {
  const { followers, follow, beat } = create();
  follow("c_1");
  await beat();
  // The owner takes over here, and gives back at another replica.
  followers.publish({ conversationId: "c_1", kind: "person" });
  expect(await beat()).toEqual(["c_1"]);
  // Somebody who comes reads what the others may never see.
  follow("c_1");
  expect(await beat()).toEqual(["c_1", "c_1"]);
  expect(await beat()).toEqual([]);
});

test("nothing is asked for where nobody follows", async () => {
  const { asked, follow, beat } = create();
  follow("c_1")();
  expect(await beat()).toEqual([]);
  expect(asked).toEqual([]);
});
