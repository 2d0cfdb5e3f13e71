import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";

import fc from "fast-check";

import {
  hasPhrases,
  readSearch,
  searchText,
  searchTokens,
} from "../../../src/store/search-words.ts";
import { searchExpression } from "../../../src/store/sqlite/match-expression.ts";
import { migrate } from "../../../src/store/sqlite/migrate.ts";

const db = new Database(":memory:", { strict: true });
migrate(db);
afterAll(() => db.close());

/** Runs a search. Throws FTS5's error for an expression that it does not understand. */
function search(expression: string): unknown[] {
  return db
    .query<unknown, [string]>("SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?")
    .all(expression);
}

/** Text with the elements of FTS5's query language. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("AND", "OR", "NOT", "NEAR(", "content:", "rowid", "{", "}", '"', '""', "'"),
      fc.constantFrom("*", "^", "+", "-", "(", ")", ":", ",", "\\", ";", "--", "\0", "\ud800", " "),
    ),
  )
  .map((parts) => parts.join(""));

const expressionOf = (typed: string) => searchExpression(readSearch(typed).words);

const insert = db.query<null, [string]>("INSERT INTO messages_fts (content) VALUES (?)");

describe("searchExpression", () => {
  test("makes an expression that FTS5 understands of any text", () => {
    fc.assert(
      fc.property(hostileText, (typed) => {
        const expression = expressionOf(typed);
        if (expression !== "") search(expression);
      }),
      { numRuns: 1000 },
    );
  });

  test("makes nothing but a list of quoted prefixes of any text", () => {
    fc.assert(
      fc.property(hostileText, (typed) => {
        expect(expressionOf(typed)).toMatch(/^(?:"[\p{L}\p{N}\p{M}\p{Co} ]+"\*?(?: |$))*$/u);
      }),
    );
  });

  test.each([
    ["opening hours", '"opening"* "hours"*'],
    ['"quoted" OR not', '"quoted"* "or"* "not"*'],
    ["営業 9時から", '"営" "業" "9" "時" "か" "ら"'],
    ["時間は9", '"時" "間" "は" "9"*'],
    ["l’été-ci", '"l"* "ete"* "ci"*'],
    ["  ", ""],
    ["", ""],
    ['?!"*()', ""],
    ["👋", ""],
  ])("makes of %p the expression %p", (typed, expression) => {
    expect(expressionOf(typed)).toBe(expression);
  });

  test("finds a stored word by every one of its beginnings", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.nat(), (words, n) => {
        insert.run(searchText(words.join(", ")));
        const chosen = words[n % words.length] ?? "";
        expect(search(expressionOf(chosen.slice(0, 1 + (n % chosen.length))))).not.toEqual([]);
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
    // Letters can be composed or decomposed, as macOS and some keyboards write them.
    ["\ud55c\uad6d\uc5b4", "\ud55c\uad6d\uc5b4".normalize("NFD"), true],
    ["\ud55c\uad6d\uc5b4".normalize("NFD"), "\ud55c\uad6d\uc5b4", true],
    ["ガイド", "ガイド".normalize("NFD"), true],
    ["ガイド".normalize("NFD"), "ガイドブック", true],
    ["カイド", "ガイド", false],
    ["мой", "мой".normalize("NFD"), true],
    ["мой".normalize("NFD"), "мой", true],
    ["año", "año".normalize("NFD"), true],
    ["tiếng Việt", "Tiếng Việt".normalize("NFD"), true],
    ["tiếng Việt".normalize("NFD"), "Tiếng Việt", true],
    // Full-width and half-width letters, ligatures, circled numbers.
    ["ｶﾞｲﾄﾞ", "ガイド", true],
    ["ガイド", "ｶﾞｲﾄﾞ", true],
    ["Wi-Fi", "Ｗｉ－Ｆｉ", true],
    ["１２３", "Order 123", true],
    ["office", "o\ufb03ce hours", true],
    // Capitals that are two letters in lower case, or another letter at the end of a word.
    ["STRASSE", "Straße", true],
    ["straße", "STRASSE", true],
    ["ΟΔΟΣ", "οδός", true],
    ["замок", "За\u0301мок", true],
    ["мои", "мой", false],
    ["istanbul", "İstanbul", true],
    // Invisible characters, and characters that only some people write.
    ["refund", "re\u00adfund", true],
    // Signs that the tokenizer of the index does not know.
    ["refund", "🪿refund🥰now", true],
    ["500", "\u20bd500", true],
    ["محمد", "مُحَمَّد", true],
    ["سلام", "ســـلام", true],
    ["שלום", "שָׁלוֹם", true],
    // Marks belong to words.
    ["हिन्दी", "मुझे हिन्दी आती है", true],
    ["हिन्दी", "हनद", false],
  ])("finds %p in %p: %p", (typed, content, isFound) => {
    const before = search(expressionOf(typed)).length;
    insert.run(searchText(content));
    const isInIndex = search(expressionOf(typed)).length > before;
    expect(isInIndex && hasPhrases(content, readSearch(typed).words)).toBe(isFound);
  });
});

describe("searchText", () => {
  test("makes the index cut every text into the same tokens as hasPhrases does", () => {
    const index = new Database(":memory:", { strict: true });
    migrate(index);
    index.run("CREATE VIRTUAL TABLE terms USING fts5vocab (messages_fts, 'instance')");
    const terms = index.query<{ term: string }, []>("SELECT term FROM terms ORDER BY offset");
    const indexText = index.query("INSERT INTO messages_fts (rowid, content) VALUES (1, ?)");
    const clear = "INSERT INTO messages_fts (messages_fts) VALUES ('delete-all')";
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 20 }), (content) => {
        index.run(clear);
        indexText.run(searchText(content));
        expect(terms.all().map(({ term }) => term)).toEqual([...searchTokens(content)]);
      }),
      { numRuns: 2000, seed: 13 },
    );
    index.close();
  });

  // Sorting the marks blocked the event loop for 14 s with 64,000 marks, and for a minute with these.
  test.each([
    ["Indian", "क", "\u093c\u094d"],
    ["Latin", "x", "\u0301\u0316"],
    ["half-width", "ｶ", "\uff9e\u0334"],
    ["musical", "", "\u{1d165}\u{1d16d}"],
  ])("keeps only a few of a hundred thousand %s marks on one letter", (_, letter, marks) => {
    const text = searchText(`${letter}${marks.repeat(50_000)} refund`);
    expect(text.length).toBeLessThan(100);
    expect(text).toEndWith("refund");
  });
});

describe("readSearch", () => {
  test("takes ten words of an essay, and says how many it left out", () => {
    const typed = Array.from({ length: 25 }, (_, n) => `word${n}`).join(" ");
    const { words, wordsLeftOut } = readSearch(typed);
    expect(words).toHaveLength(10);
    expect(words[0]).toEqual(["word0"]);
    expect(wordsLeftOut).toBe(15);
  });

  test.each(["👋", "?!", "\0"])(
    "says that something was left out of %p, which has no words",
    (typed) => {
      expect(readSearch(typed)).toEqual({ words: [], wordsLeftOut: 1 });
    },
  );

  test("leaves nothing out of an empty search", () => {
    expect(readSearch("  ")).toEqual({ words: [], wordsLeftOut: 0 });
  });

  test("counts a repeated word once", () => {
    expect(readSearch("Hours hours HOURS")).toEqual({ words: [["hours"]], wordsLeftOut: 0 });
  });

  test("takes the beginning of a long phrase without spaces", () => {
    const { words, wordsLeftOut } = readSearch("営".repeat(200));
    expect(words).toEqual([Array(16).fill("営")]);
    expect(wordsLeftOut).toBe(1);
  });

  test("bounds the number of tokens of all words together, whatever is typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (typed) => {
        const { words } = readSearch(typed);
        expect(words.length).toBeLessThanOrEqual(10);
        expect(words.flat().length).toBeLessThanOrEqual(32);
      }),
    );
    const typed = Array.from({ length: 40 }, (_, n) => "営業時".slice(n % 3) + n).join(" ");
    expect(readSearch(typed).words.flat().length).toBeLessThanOrEqual(32);
  });
});
