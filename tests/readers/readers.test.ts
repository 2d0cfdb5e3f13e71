import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import type { FileReading } from "../../src/readers/file-reading.ts";
import { isReadable, readFile } from "../../src/readers/readers.ts";
import { makeDocx, makePdf, makeZip } from "./made-files.ts";
import { shown } from "./shown.ts";

async function read(name: string, content: string | Uint8Array): Promise<FileReading> {
  return readFile(typeof content === "string" ? new TextEncoder().encode(content) : content, name);
}

/** The documents of a file, a line each: `name <address> Title | part | part`; then what could not be read. */
async function found(name: string, content: string | Uint8Array): Promise<string[]> {
  const reading = await read(name, content);
  if (reading.kind !== "read") return [`${reading.kind}: ${reading.reason}`];
  const documents = reading.documents.map(({ name: inner, address, document }) =>
    [
      `${inner}${address === undefined ? "" : ` <${address}>`} ${document.title}`.trim(),
      ...shown({ kind: "read", document }),
    ].join(" | "),
  );
  return [...documents, ...reading.unread.map((each) => `${each.name} unread: ${each.reason}`)];
}

describe("a table", () => {
  test.each([
    ["commas", 'question,answer\nWhy?,"Because, ""they""\nsay"\n\nHow?,So\n'],
    [
      "semicolons, and columns in another order",
      'Antwort;Nr;Frage\r\n"Because, ""they""\nsay";1;Why?\r\nSo;2;How?\r\n',
    ],
    ["tabs", '質問\t回答\nWhy?\t"Because, ""they""\nsay"\nHow?\tSo'],
    [
      "the separator that Excel names",
      'sep=|\nquestion|answer\nWhy?|"Because, ""they""\nsay"\nHow?|So',
    ],
    ["no header", 'Why?,"Because, ""they""\nsay"\nHow?,So'],
  ])("of questions and answers has a document a row, with %s", async (_what, csv) => {
    expect(await found("faq.csv", csv)).toEqual([
      '#why Why? | : Because, "they"\nsay',
      "#how How? | : So",
    ]);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "//x.test/a",
    "https://user:secret@x.test/",
    `https://x.test/${"ä".repeat(1900)}`,
  ])("has no address that visitors must not open: %s", async (address) => {
    const [document] = await found("a.csv", `question,answer,url\nWhy?,Because,${address}\n`);
    expect(document).toBe("#why Why? | : Because");
  });

  test("has the address of each answer, and texts in HTML", async () => {
    const csv =
      "title,url,content\nShipping,https://x.test/s,<p>3&nbsp;days</p><p>5 €</p>\nShipping,ftp://x,again\n";
    expect(await found("faq.csv", csv)).toEqual([
      "#shipping <https://x.test/s> Shipping | : 3 days\n\n5 €",
      "#shipping~2 Shipping | : again",
    ]);
  });

  test("of other things has rows that make sense alone", async () => {
    expect(
      await found("plans.csv", 'Plan,Price,Note\nBasic,5 €,\nPro,9 €,"for\nteams"\n,,\n'),
    ).toEqual([
      "#basic Basic | : Plan: Basic\nPrice: 5 €",
      "#pro Pro | : Plan: Pro\nPrice: 9 €\nNote: for\nteams",
    ]);
  });

  test("keeps what stands behind a quotation in its cell, whatever signs are in it", async () => {
    expect(await found("screens.csv", 'Screen,Price\n"19"; black|white,5 €\n')).toEqual([
      "#19-black-white 19; black|white | : Screen: 19; black|white\nPrice: 5 €",
    ]);
  });

  test.each([
    ["is empty", "question,answer\n", "empty: There is no text in it."],
    [
      "has an open quotation",
      'a,b\n"c,d\ne,f',
      "unreadable: The quotation mark in line 2 is not closed.",
    ],
    ["is a picture", "\x89PNG\0\0", "unreadable: It is not text."],
  ])("that %s is refused in words", async (_what, csv, says) => {
    expect(await found("a.csv", csv)).toEqual([says]);
  });
});

describe("lines of JSON", () => {
  const entries = [
    { question: "Why?", answer: "Because", tags: ["x"] },
    { title: "T", url: "https://x.test/t", content: "<b>bold</b>" },
  ];

  test.each([
    ["one a line", entries.map((entry) => JSON.stringify(entry)).join("\n")],
    ["in one list", JSON.stringify(entries, null, 2)],
  ])("are documents, %s", async (_what, json) => {
    expect(await found("a.jsonl", json)).toEqual([
      "#why Why? | : Because",
      "#t <https://x.test/t> T | : bold",
    ]);
  });

  test.each([
    ["{}\n", 'Line 1 has no "text", "answer" or "content".'],
    ['{"text":"a"}\n{', "Line 2 is not JSON."],
    ["3", "Line 1 is not an object."],
    ['[{"text":"a"},[]]', "Entry 2 is not an object."],
    ["[", "The file is not JSON."],
  ])("that are wrong are refused in words: %j", async (json, says) => {
    expect(await found("a.jsonl", json)).toEqual([`unreadable: ${says}`]);
  });
});

describe("an export of WordPress", () => {
  const item = (id: number, content: string, more: Record<string, string> = {}) => {
    const fields = {
      "wp:status": "publish",
      "wp:post_type": "page",
      "wp:post_password": "",
      ...more,
    };
    const rest = Object.entries(fields).map(
      ([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`,
    );
    return `<item><title>Page &amp; ${id}</title><link>https://x.test/${id}</link><wp:post_id>${id}</wp:post_id>
      <content:encoded><![CDATA[${content}]]></content:encoded><excerpt:encoded><![CDATA[no]]></excerpt:encoded>${rest.join("")}</item>`;
  };
  const wxr = (...items: string[]) =>
    `<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Site</title>${items.join("")}</channel></rss>`;

  test("is its published posts and pages", async () => {
    const xml = wxr(
      item(
        1,
        '<!-- wp:heading --><h2>Head</h2><!-- /wp:heading --><p>A </item> ]] b</p>[vc_row x="1"][/vc_row][gallery ids="1,2"]',
      ),
      item(2, "First line\nsecond\n\nNew [sic] paragraph", { "wp:post_type": "post" }),
      item(3, "x", { "wp:status": "draft" }),
      item(4, "x", { "wp:post_type": "attachment" }),
      item(5, "x", { "wp:post_password": "secret" }),
      item(6, "[gallery]"),
    );
    expect(await found("site.xml", xml)).toEqual([
      "#1 <https://x.test/1> Page & 1 | Head: A ]] b",
      "#2 <https://x.test/2> Page & 2 | : First line\nsecond\n\nNew [sic] paragraph",
      "#6 Page & 6 unread: There is no text in it.",
    ]);
  });

  test.each([
    [
      "empty: There is no published post or page with text in it.",
      wxr(item(3, "x", { "wp:status": "draft" })),
    ],
    ["unreadable: It is XML, and no export of WordPress.", "<svg/>"],
  ])("may be %s", async (says, xml) => {
    expect(await found("site.xml", xml)).toEqual([says]);
  });
});

describe("an archive", () => {
  const id = "0123456789abcdef0123456789abcdef";

  test("is the files in it, as Notion exports them", async () => {
    const inner = makeZip([
      { path: `Help ${id}/Shipping ${id}.md`, content: "# Shipping\ntext" },
      { path: `Help ${id}/Plans ${id}.csv`, content: "Plan,Price\nBasic,5\n" },
      {
        path: `Help ${id}/Plans ${id}_all.csv`,
        content: "Plan,Price\nBasic,5\nPro,9\n",
        isStored: true,
      },
      { path: `Help ${id}/picture.png`, content: "\x89PNG" },
      { path: `__MACOSX/Help/._Shipping.md`, content: "x" },
      { path: `../../etc/evil.md`, content: "x" },
      { path: `/etc/evil.md`, content: "x" },
      { path: "empty.md", content: "" },
      { path: "folder/", content: "" },
    ]);
    const outer = makeZip([{ path: `ExportBlock-${id}-Part-1.zip`, content: inner }]);
    expect(await found("export.zip", outer)).toEqual([
      "ExportBlock-Part-1.zip/Help/Shipping.md Shipping |  #shipping: text",
      "ExportBlock-Part-1.zip/Help/Plans.csv#basic Basic | : Plan: Basic\nPrice: 5",
      "ExportBlock-Part-1.zip/Help/Plans.csv#pro Pro | : Plan: Pro\nPrice: 9",
      "ExportBlock-Part-1.zip/empty.md unread: There is no text in it.",
    ]);
  });

  test("keeps pages of the same title apart", async () => {
    const other = id.replace("0", "f");
    const zip = makeZip([
      { path: `A ${id}.md`, content: "one" },
      { path: `A ${other}.md`, content: "two" },
    ]);
    expect(await found("export.zip", zip)).toEqual(["A.md | : one", `A ${other}.md | : two`]);
  });

  const archive = makeZip([{ path: "a.md", content: "text" }]);
  const changed = (at: number, value: number) => archive.with(at, value);

  test.each([
    ["none", new Uint8Array(3), "It is no zip archive, or it was cut off."],
    ["cut off", archive.slice(0, -9), "It is no zip archive, or it was cut off."],
    ["damaged at its directory", changed(archive.length - 22 + 16, 3), "The archive is damaged."],
    [
      "damaged in a file",
      changed(36, 0),
      "Nothing in it could be read. a.md: The archive is damaged.",
    ],
    [
      "encrypted",
      makeZip([{ path: "a.md", content: "text", isEncrypted: true }]),
      "Nothing in it could be read. a.md: It is encrypted.",
    ],
    [
      "of the format zip64",
      changed(archive.length - 22 + 10, 255).with(archive.length - 22 + 11, 255),
      "The archive is in the format zip64. Make a smaller one.",
    ],
    [
      "an archive of archives of archives",
      makeZip([
        {
          path: "a.zip",
          content: makeZip([
            { path: "b.zip", content: makeZip([{ path: "c.zip", content: archive }]) },
          ]),
        },
      ]),
      "Nothing in it could be read. a.zip: Nothing in it could be read. b.zip: It is an archive in an archive in an archive.",
    ],
    [
      "a bomb",
      makeZip([{ path: "a.md", content: new Uint8Array(65 * 1024 * 1024) }]),
      "Nothing in it could be read. a.md: It is larger than 64 MB unpacked.",
    ],
  ])("that is %s is refused in words", async (_what, bytes, says) => {
    expect(await found("a.zip", bytes)).toEqual([`unreadable: ${says}`]);
  });

  test("that lies about the size of a file unpacks no more than it says", async () => {
    const bomb = makeZip([{ path: "a.md", content: new Uint8Array(65 * 1024 * 1024) }]);
    const directory = bomb.length - 22 - 46 - "a.md".length;
    const lying = bomb
      .with(directory + 24, 9)
      .with(directory + 25, 0)
      .with(directory + 26, 0)
      .with(directory + 27, 0);
    expect(await found("a.zip", lying)).toEqual([
      "unreadable: Nothing in it could be read. a.md: The archive is damaged.",
    ]);
  });

  test("whose files are damaged is unpacked no further than one whose files are not", async () => {
    const bomb = makeZip([
      { path: "a.md", content: "Hello" },
      { path: "b.md", content: new Uint8Array(60 * 1024 * 1024) },
    ]);
    // Ten entries that lead to the same file, with a checksum that is not its own.
    const entry = bomb.slice(-22 - 46 - "b.md".length, -22).with(16, 0);
    const end = bomb.slice(-22).with(10, 11);
    const lying = [bomb.slice(0, -22 - entry.length), ...Array<Uint8Array>(10).fill(entry), end];
    const [first, ...others] = await found("a.zip", Buffer.concat(lying));
    expect(first).toBe("a.md | : Hello");
    expect(others).toEqual([
      ...Array<string>(8).fill("b.md unread: The archive is damaged."),
      ...Array<string>(2).fill("b.md unread: It is larger than 31 MB unpacked."),
    ]);
  });
});

describe("a document of Word", () => {
  const paragraph = (text: string, properties = "") =>
    `<w:p><w:pPr>${properties}</w:pPr><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
  const styled = (style: string, text: string) => paragraph(text, `<w:pStyle w:val="${style}"/>`);
  const entry = (text: string, level = 0) =>
    paragraph(text, `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr>`);
  const table = (...rows: string[][]) =>
    `<w:tbl>${rows.map((row) => `<w:tr>${row.map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`).join("")}</w:tr>`).join("")}</w:tbl>`;

  test("is its paragraphs under its headings, with lists and rows of tables", async () => {
    const body = [
      styled("Titel", "Guide"),
      paragraph("Int") + "",
      styled("berschrift1", "First &amp; last"),
      "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r><w:del><w:r><w:t>no</w:t></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>",
      entry("one"),
      entry("two", 1),
      styled("Own", "Deeper"),
      table(["Plan", "Price"], ["Basic", "5 €"], ["Pro", ""]),
      "<w:p/>",
      table(["", "x"], ["y", "z"]),
    ].join("");
    expect(await found("a.docx", makeDocx(body))).toEqual([
      [
        "Guide",
        ": Int",
        "First & last: a b\nc\n\n- one\n  - two",
        "First & last › Deeper: Plan: Basic | Price: 5 €\nPlan: Pro\n\nx\ny | z",
      ].join(" | "),
    ]);
  });

  test("has the title of its properties", async () => {
    expect(await found("a.docx", makeDocx(paragraph("text"), "Named"))).toEqual(["Named | : text"]);
  });

  test.each([
    ["empty: There is no text in it.", makeDocx("<w:p/>")],
    ["unreadable: It is no document of Word.", makeZip([{ path: "a.md", content: "x" }])],
    ["unreadable: It is no zip archive, or it was cut off.", new Uint8Array(100)],
  ])("may be %s", async (says, bytes) => {
    expect(await found("a.docx", bytes)).toEqual([says]);
  });
});

describe("a PDF", () => {
  test("is its text under its larger lines, with the pages", async () => {
    const page = (number: number) =>
      [
        [10, "The company"],
        [18, `Chapter ${number}`],
        [10, `${"abcd"[number - 1]} text is divi-`],
        [10, `ded at the end of line ${"abcd"[number - 1]}.`],
        [10, `Page ${number} of 4`],
      ] as const;
    const title = [
      [24, "Handbook"],
      [10, "Words of the title page are here."],
    ] as const;
    expect(await found("a.pdf", makePdf([title, ...[1, 2, 3, 4].map(page)]))).toEqual([
      [
        "Handbook",
        " #page=1: Words of the title page are here.",
        ...[1, 2, 3, 4].map(
          (n) =>
            `Chapter ${n} #page=${n + 1}: ${"abcd"[n - 1]} text is divided at the end of line ${"abcd"[n - 1]}.`,
        ),
      ].join(" | "),
    ]);
  });

  test.each([
    [
      "empty: There is no text in it: is it scanned? A program for character recognition (OCR) adds the text.",
      makePdf([[]]),
    ],
    ["unreadable: It is no PDF, or it is damaged.", new TextEncoder().encode("%PDF-1.4 no")],
    [
      "unreadable: It is protected by a password. Save it without one.",
      makePdf(
        [[[10, "secret"]]],
        `/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${"00".repeat(32)}> /U <${"00".repeat(32)}> >>`,
      ),
    ],
  ])("may be %s", async (says, bytes) => {
    expect(await found("a.pdf", bytes)).toEqual([says]);
  });
});

describe("a file", () => {
  test("of a kind that is not known is refused in words", async () => {
    expect(isReadable("a.PDF")).toBe(true);
    expect(isReadable("a.exe")).toBe(false);
    expect(await found("a.exe", "x")).toEqual([
      expect.stringMatching(
        /^unreadable: Its kind is not known. These endings are: md, .*pdf, zip\.$/,
      ),
    ]);
  });

  const endings = ["md", "html", "txt", "csv", "jsonl", "xml", "docx", "zip"];

  test("is read without an error, whatever its bytes are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...endings),
        fc.uint8Array({ maxLength: 200 }),
        async (ending, bytes) => {
          expect(["read", "empty", "unreadable"]).toContain(
            (await readFile(bytes, `a.${ending}`)).kind,
          );
        },
      ),
    );
  });

  const whole: Readonly<Record<string, Uint8Array>> = {
    zip: makeZip([
      { path: "a.md", content: "# A\ntext" },
      { path: "b.csv", content: "a,b\n1,2" },
    ]),
    docx: makeDocx("<w:p><w:r><w:t>text</w:t></w:r></w:p>", "T"),
    pdf: makePdf([[[10, "text"]]]),
  };

  test.each(Object.entries(whole))(
    "is read without an error, wherever it is damaged: %s",
    async (ending, bytes) => {
      const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), {
        minLength: 1,
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(damage, fc.nat(bytes.length), async (changes, length) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          const reading = await readFile(
            length % 3 === 0 ? damaged.slice(0, length) : damaged,
            `a.${ending}`,
          );
          expect(["read", "empty", "unreadable"]).toContain(reading.kind);
        }),
        { numRuns: 60 },
      );
    },
  );
});
