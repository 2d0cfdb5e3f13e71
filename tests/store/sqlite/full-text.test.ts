import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";

import fc from "fast-check";

import { searchExpression, searchText } from "../../../src/store/sqlite/full-text.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";

const db = new Database(":memory:", { strict: true });
migrate(db);
afterAll(() => db.close());

/** Throws what FTS5 says of an expression that it does not understand. */
function search(expression: string): unknown[] {
  return db
    .query<unknown, [string]>("SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?")
    .all(expression);
}

/** Text with what FTS5's own language is made of. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("AND", "OR", "NOT", "NEAR(", "content:", "rowid", "{", "}", '"', '""', "'"),
      fc.constantFrom("*", "^", "+", "-", "(", ")", ":", ",", "\\", ";", "--", "\0", "\ud800", " "),
    ),
  )
  .map((parts) => parts.join(""));

const insert = db.query<null, [string]>("INSERT INTO messages_fts (content) VALUES (?)");

describe("searchExpression", () => {
  test("of any text is one that FTS5 understands", () => {
    fc.assert(
      fc.property(hostileText, (typed) => {
        const expression = searchExpression(typed);
        if (expression !== "") search(expression);
      }),
      { numRuns: 1000 },
    );
  });

  test("of any text is a list of quoted prefixes and nothing else", () => {
    fc.assert(
      fc.property(hostileText, (typed) => {
        expect(searchExpression(typed)).toMatch(/^(?:"[\p{L}\p{N}\p{M}\p{Co} ]+"\*(?: |$))*$/u);
      }),
    );
  });

  test.each([
    ["opening hours", '"opening"* "hours"*'],
    ['"quoted" OR not', '"quoted"* "OR"* "not"*'],
    ["l’été-ci", '"l"* "été"* "ci"*'],
    ["  ", ""],
    ["", ""],
    ['?!"*()', ""],
    ["👋", ""],
  ])("of %p is %p", (typed, expression) => {
    expect(searchExpression(typed)).toBe(expression);
  });

  test("finds a stored word by every beginning of it", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.nat(), (words, n) => {
        insert.run(searchText(words.join(", ")));
        const chosen = words[n % words.length] ?? "";
        expect(search(searchExpression(chosen.slice(0, 1 + (n % chosen.length))))).not.toEqual([]);
      }),
    );
  });

  test.each([
    ["営業", "本日の営業時間は9時からです", true],
    ["時間は9", "本日の営業時間は9時からです", true],
    ["営時", "本日の営業時間は9時からです", false],
    ["เปิด", "ร้านเปิดกี่โมง", true],
    ["退款", "我想申请退款，谢谢", true],
    ["café", "CAFE au lait", true],
    ["stra", "Straße", true],
  ])("finds %p in %p: %p", (typed, content, isFound) => {
    const before = search(searchExpression(typed)).length;
    insert.run(searchText(content));
    expect(search(searchExpression(typed)).length - before).toBe(isFound ? 1 : 0);
  });
});
