import { describe, expect, test } from "bun:test";

import { createTestGrounder, PASSAGES } from "../support/passages.ts";

const ASKED = {
  history: [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello!" },
    { role: "user", content: "To Norway?" },
  ],
  languages: undefined,
} as const;

test("a question gets the passages, and what came before it stays as it was", async () => {
  const found: unknown[] = [];
  const { grounder, metrics } = createTestGrounder({
    find: async (history, words) => {
      found.push([history, words]);
      return PASSAGES;
    },
  });
  const grounded = await grounder.ground(ASKED);
  expect(found).toEqual([[ASKED.history, 1400]]);
  expect(grounded?.history.slice(0, -1)).toEqual(ASKED.history.slice(0, -1));
  expect(grounded?.history.at(-1)?.role).toBe("user");
  expect(grounded?.history.at(-1)?.content).toEndWith("Question: To Norway?");
  expect(grounded?.sources.map(({ number, isCited }) => [number, isCited])).toEqual([
    [1, false],
    [2, false],
    [3, false],
  ]);
  expect(metrics.write()).toContain("chatporch_knowledge_search_seconds_count 1\n");
});

test("only pages have an address, and long names are cut", async () => {
  const uris = [
    "https://a.example/x?y#old",
    "http://a.example/",
    "file.md",
    "javascript:alert(1)",
    "note:1",
  ];
  const passages = uris.map((uri) => ({
    ...PASSAGES[0],
    uri,
    title: "x".repeat(500),
    anchor: "ä b",
  }));
  const grounded = await createTestGrounder({ find: async () => passages }).grounder.ground(ASKED);
  expect(grounded?.sources.map(({ url }) => url)).toEqual([
    "https://a.example/x?y#%C3%A4%20b",
    "http://a.example/#%C3%A4%20b",
    undefined,
    undefined,
    undefined,
  ]);
  expect(grounded?.sources[0]?.title).toHaveLength(200);
});

describe("a question gets nothing", () => {
  const never = () => {
    throw new Error("searched");
  };

  test("when nothing is known, and when the owner has turned it off", async () => {
    const events = ["answer.failed"] as const;
    const nothing = [
      createTestGrounder({ sections: async () => 0, find: never }),
      createTestGrounder({ sections: async () => 0, find: never, events }),
      createTestGrounder({ mode: "off", sections: never, find: never }),
    ];
    for (const { grounder, lines } of nothing) {
      expect(await grounder.ground(ASKED)).toBeUndefined();
      expect(lines).toEqual([]);
    }
  });

  test.each([
    ["the search fails", { find: never }],
    ["the database is away", { sections: never }],
  ])("when %s, which is counted, and logged once a minute", async (_, options) => {
    const { grounder, metrics, lines } = createTestGrounder(options);
    for (let i = 0; i < 3; i += 1) expect(await grounder.ground(ASKED)).toBeUndefined();
    expect(metrics.write()).toContain('searches_lost_total{reason="failed"} 3\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("questions are answered without sources");
    expect(lines[0]).not.toContain("Norway");
  });

  test("when the search takes too long", async () => {
    const { grounder, metrics } = createTestGrounder({
      find: () => new Promise(() => {}),
      deadlineMs: 5,
    });
    expect(await grounder.ground(ASKED)).toBeUndefined();
    expect(metrics.write()).toContain('searches_lost_total{reason="slow"} 1\n');
  });
});

describe("a question without sources asks the model to say if it does not know", () => {
  const nothingKnown = async () => 0;
  const failing = () => Promise.reject(new Error("no such table"));

  test.each([
    ["where nothing fits", { find: async () => [] }, "unsourced"],
    [
      "where nothing is known and a person is offered",
      { sections: nothingKnown, person: "poor" },
      undefined,
    ],
    [
      "where a channel wants to hear of it",
      { sections: nothingKnown, events: ["question.unanswered"] },
      undefined,
    ],
    [
      "where the pages are not used and a person is offered",
      { mode: "off", person: "always" },
      undefined,
    ],
    [
      "where the search fails and a person is offered",
      { find: failing, person: "always" },
      undefined,
    ],
  ] as const)("%s", async (_, options, grounding) => {
    const question = "How long does it take to Norway?";
    const asked = { ...ASKED, history: [{ role: "user", content: question }] } as const;
    const grounded = await createTestGrounder(options).grounder.ground(asked);
    expect(grounded?.history.at(-1)?.content).toEndWith(`[0] alone.\nQuestion: ${question}`);
    expect(grounded?.sources).toEqual([]);
    grounded?.filter.pass("A week.");
    grounded?.filter.end(true);
    expect(grounded?.filter.result()).toEqual({ grounding });
  });

  test.each([
    "Thank you very much!",
    "Hello, how are you?",
    "Guten Tag!",
    "Merci beaucoup",
    "ありがとうございます",
    "And then?",
  ])("but %j is nothing that a page could answer", async (message) => {
    const { grounder } = createTestGrounder({ find: async () => [] });
    const grounded = await grounder.ground({
      ...ASKED,
      history: [{ role: "user", content: message }],
    });
    grounded?.filter.pass("You are welcome.");
    expect(grounded?.filter.result()).toEqual({ grounding: undefined });
  });
});
