import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import fc from "fast-check";

import { DAY_MS } from "../../src/runtime/time.ts";
import type { ExportedMessage } from "../../src/store/conversation-store.ts";
import { askAsOwner, readList } from "../support/admin-requests.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { parseCsv } from "../support/csv.ts";
import { storedRequest } from "../support/stored-requests.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { until } from "../support/until.ts";

const COLUMNS =
  "conversationId,sessionId,id,turnId,role,content,status,createdAt,model,promptTokens," +
  "completionTokens,finishReason,errorCode,firstTokenMs,durationMs,grounding,sources,author," +
  "rating,ratingReasons,ratingComment,cost";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});

afterEach(() => app.close());

async function exportNdjson(): Promise<ExportedMessage[]> {
  const text = await (await askAsOwner(app, "/export")).text();
  if (text === "") return [];
  expect(text).toEndWith("\n");
  const lines = text.slice(0, -1).split("\n");
  return lines.map((line): ExportedMessage => JSON.parse(line));
}

/** The rows as a spreadsheet reads them, by column. */
async function exportCsv(): Promise<Record<string, string>[]> {
  const [header = [], ...rows] = parseCsv(
    await (await askAsOwner(app, "/export?format=csv")).text(),
  );
  expect(header.join(",")).toBe(COLUMNS);
  return rows.map((row) => {
    expect(row).toHaveLength(header.length);
    return Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""]));
  });
}

describe("GET /v1/admin/conversations/export", () => {
  test.each([
    ["", "application/x-ndjson; charset=utf-8", "ndjson"],
    ["?format=ndjson", "application/x-ndjson; charset=utf-8", "ndjson"],
    ["?format=csv", "text/csv; charset=utf-8", "csv"],
  ])("%s is a download of its type that no cache stores", async (query, mediaType, extension) => {
    await storeExchange(app.store);
    const response = await askAsOwner(app, `/export${query}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(mediaType);
    expect(response.headers.get("content-disposition")).toMatch(
      new RegExp(`^attachment; filename="[\\w.-]+\\.${extension}"$`),
    );
    expect(response.headers.get("cache-control")).toContain("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    await response.text();
  });

  test("without any message is an empty NDJSON file, or a CSV file with only a header", async () => {
    const ndjson = await askAsOwner(app, "/export");
    expect(ndjson.status).toBe(200);
    expect(await ndjson.text()).toBe("");
    const csv = await askAsOwner(app, "/export?format=csv");
    expect(await csv.text()).toBe(`${COLUMNS}\r\n`);
  });

  test("begins as CSV with the mark by which Excel knows UTF-8, and as NDJSON without it", async () => {
    await storeExchange(app.store, { question: "Café, 営業?" });
    const csv = new Uint8Array(await (await askAsOwner(app, "/export?format=csv")).arrayBuffer());
    expect([...csv.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const exported = new TextDecoder("utf-8", { ignoreBOM: true }).decode(csv);
    expect(exported.slice(1, 1 + COLUMNS.length)).toBe(COLUMNS);
    expect(exported.lastIndexOf("\ufeff")).toBe(0);
    const ndjson = await (await askAsOwner(app, "/export")).arrayBuffer();
    expect(new Uint8Array(ndjson)[0]).toBe("{".charCodeAt(0));
  });

  test.each([["format=xml"], ["format="], ["format=CSV"], ["page=2"]])(
    "refuses ?%s",
    async (query) => {
      const response = await askAsOwner(app, `/export?${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        code: "invalid_request",
        details: [{ path: query.startsWith("format") ? "/format" : "" }],
      });
    },
  );

  test("returns everything that is known about each message as NDJSON", async () => {
    const turn = newTurn({ sessionId: "a", question: "Hi?" });
    const { conversationId } = await begin(app.store, turn);
    const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 };
    await app.store.finishTurn(turn.turnId, outcome({ content: "Line 1\nLine 2", usage }));
    expect(await exportNdjson()).toEqual([
      {
        conversationId,
        sessionId: "a",
        id: expect.any(Number),
        turnId: turn.turnId,
        role: "user",
        content: "Hi?",
        status: "complete",
        createdAt: NOON,
      },
      {
        conversationId,
        sessionId: "a",
        id: expect.any(Number),
        turnId: turn.turnId,
        role: "assistant",
        content: "Line 1\nLine 2",
        status: "complete",
        createdAt: NOON,
        model: "test-model",
        usage,
        finishReason: "stop",
        firstTokenMs: 12,
        durationMs: 34,
      },
    ]);
  });

  test("returns the same as CSV", async () => {
    const turn = newTurn({ sessionId: "a", question: "Hi?" });
    const { conversationId } = await begin(app.store, turn);
    const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 };
    await app.store.finishTurn(turn.turnId, outcome({ usage }));
    const common = { conversationId, sessionId: "a", turnId: turn.turnId, status: "complete" };
    const createdAt = "2026-11-23T12:00:00.000Z";
    expect(await exportCsv()).toEqual([
      {
        ...common,
        id: expect.stringMatching(/^\d+$/),
        role: "user",
        content: "Hi?",
        createdAt,
        model: "",
        promptTokens: "",
        completionTokens: "",
        finishReason: "",
        errorCode: "",
        firstTokenMs: "",
        durationMs: "",
        cost: "",
        grounding: "",
        sources: "",
        author: "",
        rating: "",
        ratingReasons: "",
        ratingComment: "",
      },
      {
        ...common,
        id: expect.stringMatching(/^\d+$/),
        role: "assistant",
        content: "At nine.",
        createdAt,
        model: "test-model",
        promptTokens: "1",
        completionTokens: "2",
        finishReason: "stop",
        errorCode: "",
        firstTokenMs: "12",
        durationMs: "34",
        cost: "",
        grounding: "",
        sources: "",
        author: "",
        rating: "",
        ratingReasons: "",
        ratingComment: "",
      },
    ]);
  });

  test("returns each of 3,000 messages once and in order, in both formats", async () => {
    const contents: string[] = [];
    for (let i = 0; i < 1500; i += 1) {
      contents.push(`Question ${i}`, `Answer ${i}`);
      await storeExchange(app.store, {
        sessionId: `v${i % 7}`,
        question: `Question ${i}`,
        answer: `Answer ${i}`,
      });
    }
    expect((await exportNdjson()).map(({ content }) => content)).toEqual(contents);
    expect((await exportCsv()).map(({ content }) => content)).toEqual(contents);
  });

  test("ends even when the rows fill exactly one page", async () => {
    for (let i = 0; i < 250; i += 1) await storeExchange(app.store);
    expect(await exportNdjson()).toHaveLength(500);
  });

  test("reads large answers in pages bounded by their size, and returns them all", async () => {
    for (let i = 0; i < 20; i += 1) {
      await storeExchange(app.store, { question: `Question ${i}`, answer: "x".repeat(50_000) });
    }
    const pages: number[] = [];
    const { exportMessages } = app.store;
    app.store.exportMessages = async (...args) => {
      const page = await exportMessages.apply(app.store, args);
      pages.push(page.reduce((sum, { content }) => sum + content.length, 0));
      return page;
    };
    expect(await exportNdjson()).toHaveLength(40);
    // A page ends with the message that makes it large enough.
    expect(Math.max(...pages)).toBeLessThan(200_000);
  });

  test("is read by sixteen clients at once at most, and the next one is asked to come again", async () => {
    for (let i = 0; i < 60; i += 1) await storeExchange(app.store);
    const open = await Promise.all(Array.from({ length: 16 }, () => askAsOwner(app, "/export")));
    const refused = await askAsOwner(app, "/export?format=csv");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(await refused.json()).toMatchObject({ code: "overloaded" });
    for (const each of open.slice(1)) await each.body?.cancel();
    await open[0]?.text();
    expect(await exportNdjson()).toHaveLength(120);
  });

  test("is read from the store as the client takes it, and stops when the client has gone", async () => {
    for (let i = 0; i < 1500; i += 1) await storeExchange(app.store);
    let pages = 0;
    const { exportMessages } = app.store;
    app.store.exportMessages = (...args) => {
      pages += 1;
      return exportMessages.apply(app.store, args);
    };
    const reader = (await askAsOwner(app, "/export")).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(pages).toBeLessThan(4);
  });
});

describe("a CSV cell", () => {
  test.each([
    ["quotes", 'She said "no"'],
    ["commas", "one, two"],
    ["line ends", "one\ntwo\r\nthree"],
    ["everything at once", '",\r\n"",'],
    ["other languages", "Grüße, 営業時間 👋"],
    ["an apostrophe", "it's"],
    ["white space at the ends", "  padded  "],
  ])("keeps %s", async (_, content) => {
    await storeExchange(app.store, { question: content });
    expect((await exportCsv())[0]?.content).toBe(content);
  });

  // OWASP, CSV Injection: a spreadsheet takes these for the beginning of a formula.
  test.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    [" \u00a0=1+1", "' \u00a0=1+1"],
    ["\t=1+1", "\t'=1+1"],
    ["\r=1+1", "\r'=1+1"],
    ["\n=1+1", "\n'=1+1"],
    ['=HYPERLINK("https://evil.example","Click")', `'=HYPERLINK("https://evil.example","Click")`],
    ["\uff1d1+1", "'\uff1d1+1"],
    ["\uff0b1", "'\uff0b1"],
    ["\uff0d1", "'\uff0d1"],
    ["\uff20SUM(A1)", "'\uff20SUM(A1)"],
    // For spreadsheets that split cells at something other than commas.
    ["hello;=1+1;x", "hello;'=1+1;x"],
    ["hello; =1+1", "hello;' =1+1"],
    ['hello;"=1+1"', `hello;'"=1+1"`],
    ["hello\t-1", "hello\t'-1"],
    ["hello\n@SUM(A1)", "hello\n'@SUM(A1)"],
    ["a;=1;=2;;=3", "a;'=1;'=2;;'=3"],
  ])("never begins a formula: %p", async (content, guarded) => {
    await storeExchange(app.store, { question: content });
    expect((await exportCsv())[0]?.content).toBe(guarded);
  });

  test("reads back as the text it was made from, apart from the guard against formulas", async () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab,"\r\n\t =+-@;é👋\u2028') });
    const texts = fc.sample(text, { numRuns: 300, seed: 1 });
    for (const question of texts) await storeExchange(app.store, { question });
    const questions = (await exportCsv()).filter(({ role }) => role === "user");
    const guard = /(?<=^|[;\t\r\n])'(?=[ "\u2028]*[=+\-@])/g;
    expect(questions.map(({ content = "" }) => content.replaceAll(guard, ""))).toEqual(texts);
  });
});

test("an export whose first page cannot be read is an error, not a file", async () => {
  app.store.exportMessages = () => Promise.reject(new Error("the disk is gone"));
  for (const query of ["", "?format=csv"]) {
    const answer = await readAnswer(await askAsOwner(app, `/export${query}`));
    expectError(answer, "internal_error", ["the disk is gone"]);
    expect(answer.headers.has("content-disposition")).toBe(false);
  }
});

describe("GET /v1/admin/conversations/export with a filter", () => {
  const contents = async (query: string): Promise<string[]> => {
    const response = await askAsOwner(app, `/export?${query}`);
    expect(response.status).toBe(200);
    const lines = (await response.text()).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line).content);
  };

  test("has the conversations that fit it, one after the other, the last active one last", async () => {
    await storeExchange(app.store, { sessionId: "a", question: "1 lamp", at: NOON });
    await storeExchange(app.store, { sessionId: "b", question: "2 lamp", at: NOON + DAY_MS });
    await storeExchange(app.store, { sessionId: "a", question: "3 desk", at: NOON + 2 * DAY_MS });
    await storeExchange(app.store, { sessionId: "c", question: "4", at: NOON, status: "failed" });
    const questions = async (query: string) =>
      (await contents(query)).filter((content) => content !== "At nine.");
    expect(await questions("q=lamp")).toEqual(["2 lamp", "1 lamp", "3 desk"]);
    expect(await questions("mark=failed")).toEqual(["4"]);
    expect(await questions("from=2026-11-24")).toEqual(["2 lamp", "1 lamp", "3 desk"]);
    expect(await questions("from=2026-11-24&to=2026-11-24&q=lamp")).toEqual(["2 lamp"]);
    expect(await questions("mark=stopped")).toEqual([]);
    expect((await askAsOwner(app, "/export?mark=none")).status).toBe(400);
  });

  test("is whole over many pages of conversations and messages", async () => {
    for (let n = 0; n < 250; n += 1) {
      await storeExchange(app.store, { sessionId: `v${n}`, question: `${n}`, at: NOON + n });
    }
    for (let n = 0; n < 150; n += 1) {
      await storeExchange(app.store, { sessionId: "v0", question: `${n}`, at: NOON });
    }
    const exported = await contents("from=2026-11-23");
    expect(exported).toHaveLength(2 * 400);
    expect(exported.filter((content) => content === "249")).toHaveLength(1);
    // Each search adds some messages to its index.
    await until(async () => (await readList(app, { q: "nine" })).total === 250);
    expect(await contents("q=nine")).toHaveLength(2 * 400);
  });
});

describe("GET /v1/admin/conversations/:id/export", () => {
  test("has one conversation in each format, and what a visitor wrote as text in Markdown", async () => {
    const question = "*Is* <b>this</b>\n# bold?";
    const { conversationId } = await storeExchange(app.store, { question, answer: "**No**." });
    await storeExchange(app.store, { sessionId: "other" });
    await storeExchange(app.store, { question: "And?", answer: "", status: "failed" });
    const read = async (format: string) =>
      (await askAsOwner(app, `/${conversationId}/export?format=${format}`)).text();
    expect((await read("ndjson")).split("\n")).toHaveLength(5);
    expect(parseCsv(await read("csv"))).toHaveLength(5);
    expect(await read("markdown")).toBe(`# visitor

${conversationId.replaceAll(/[_-]/g, "\\$&")}

## Visitor, 2026-11-23 12:00:00 UTC

\\*Is\\* \\<b\\>this\\</b\\>\\
\\# bold?

## Answer, 2026-11-23 12:00:00 UTC

> **No**.

## Visitor, 2026-11-23 12:00:00 UTC

And?

## Answer, 2026-11-23 12:00:00 UTC (failed)


`);
  });

  test("shows in Markdown no answer as a message of its own, and lets none swallow the next one", async () => {
    const answer = "Run:\r\n## Visitor, 2026\r```\ncode";
    const { conversationId } = await storeExchange(app.store, { question: "1", answer });
    await storeExchange(app.store, { question: "    4 spaces\n===\r\r\ttab", answer: "Fine." });
    const text = await (await askAsOwner(app, `/${conversationId}/export?format=markdown`)).text();
    expect(text).toContain("\n\n> Run:\n> ## Visitor, 2026\n> ```\n> code\n\n## Visitor, 2026-");
    const spaces = "&nbsp;".repeat(4);
    expect(text).toContain(`\n\n${spaces}4 spaces\\\n\\=\\=\\=\\\n\\\n&nbsp;tab\n\n## Answer`);
  });

  test("has the visitor's rating beside the answer in each format, and his comment as text", async () => {
    const { conversationId, turnId } = await storeExchange(app.store);
    const comment = "=1+1, *no*\n# five";
    const reasons = ["wrong", "other"] as const;
    await app.store.rateAnswer(turnId, { value: "negative", reasons, comment, at: NOON });
    const read = async (format: string) =>
      (await askAsOwner(app, `/${conversationId}/export?format=${format}`)).text();
    const [, line = ""] = (await read("ndjson")).split("\n");
    expect(JSON.parse(line).rating).toEqual({ value: "negative", reasons, comment, at: NOON });
    expect(
      parseCsv(await read("csv"))
        .slice(-1)[0]
        ?.slice(-4),
    ).toEqual(["negative", "wrong\nother", `'${comment}`, ""]);
    expect(await read("markdown")).toEndWith(
      "\n\nRated negative \\(wrong, other\\): \\=1\\+1, \\*no\\*\\\n\\# five\n",
    );
  });

  test("has what the visitor wants of a person at the end, in Markdown", async () => {
    const { conversationId } = await storeExchange(app.store);
    const contact = { kind: "phone", value: "+49 30 12345" } as const;
    const first = await storedRequest(app.store, conversationId, { contact, note: "# Call\nme" });
    await app.store.closeRequest(first.id, NOON + 60_000);
    await storedRequest(app.store, conversationId, { at: NOON + 120_000 });
    const text = await (await askAsOwner(app, `/${conversationId}/export?format=markdown`)).text();
    expect(text).toEndWith(
      "\n## Wants a person, 2026-11-23 12:00:00 UTC, closed 2026-11-23 12:01:00 UTC\n\n\\+49 30 12345\n\n" +
        "\\# Call\\\nme\n\nAgreed to: You may write to me about this\\.\n" +
        "\n## Wants a person, 2026-11-23 12:02:00 UTC\n\nada@example\\.com\n\n" +
        "Agreed to: You may write to me about this\\.\n",
    );
  });

  test("is not found for an unknown conversation, and refuses other formats", async () => {
    expect((await askAsOwner(app, "/c_unknown/export")).status).toBe(404);
    expect((await askAsOwner(app, "/c_unknown/export?format=md")).status).toBe(400);
  });
});
