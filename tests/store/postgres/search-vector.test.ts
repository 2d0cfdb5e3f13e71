import { expect, test } from "bun:test";

import { searchVector } from "../../../src/store/postgres/search-vector.ts";

test.each([
  ["Where is my PARCEL? My parcel!", "where is my parcel"],
  ["", ""],
  ["👋 ?!\0", ""],
  // Only what can be in a phrase has a position.
  ["営業時間", "営:2 業:3 時:4 間:5"],
  ["Yes, open 9時", "yes open 9:2 時:3"],
  ["日本 is far from here 日", "日:2,7 本:3 is:4 far from here:6"],
  ["日 a 本 b c 日", "日:2,7 a:3 本:4 b:5 c:6"],
])("makes of %p the vector %p", async (content, vector) => {
  expect(await searchVector(content)).toBe(vector);
});

test("marks a vector with more positions of a word than PostgreSQL keeps", async () => {
  expect(await searchVector("営".repeat(255))).toStartWith("営:2,3,4,");
  const marked = await searchVector("営".repeat(256));
  expect(marked).toStartWith("' ' 営:2,3,4,");
  expect(marked).toEndWith(",256");
});

test("marks a vector with more positions than PostgreSQL counts", async () => {
  const characters = (count: number) =>
    String.fromCodePoint(...Array.from({ length: count }, (_, n) => 0x4e00 + n));
  expect(await searchVector(characters(16_382))).toEndWith(":16383");
  expect(await searchVector(characters(16_383))).toStartWith("' ' 一:2 ");
});

test("takes a long text apart at the same places as in one piece", async () => {
  const sentence = "Wir öffnen um 9時, 営業時間 daily: café ";
  const once = await searchVector(sentence);
  const words = (vector: string) => vector.replaceAll(/:[\d,]+/g, "").split(" ");
  expect(words(await searchVector(sentence.repeat(1000))).toSorted()).toEqual(
    ["'", "'", ...words(once)].toSorted(),
  );
});

test("cuts a word that is longer than PostgreSQL allows, between two characters", async () => {
  expect(await searchVector("a".repeat(3000))).toBe("a".repeat(2046));
  expect(await searchVector(`a${"я".repeat(3000)}`)).toBe(`a${"я".repeat(1022)}`);
});

test("leaves out further words of a text with more different words than PostgreSQL allows", async () => {
  const words = Array.from({ length: 40_000 }, (_, n) => `${n}`.padStart(30, "x"));
  const vector = await searchVector(words.join(" "));
  expect(vector.length).toBeGreaterThan(800_000);
  expect(vector.length).toBeLessThan(1_000_000);
});

test("lets other work have its turn while a long text is taken apart", async () => {
  let turns = 0;
  const count = setInterval(() => {
    turns += 1;
  }, 0);
  await searchVector("返品したい。".repeat(20_000));
  clearInterval(count);
  expect(turns).toBeGreaterThan(5);
});
