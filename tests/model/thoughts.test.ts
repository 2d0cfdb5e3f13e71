import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import { ThinkingHabit } from "../../src/model/thinking-habit.ts";
import { ThoughtFilter } from "../../src/model/thoughts.ts";

const ANSWER = "It costs 5 euros.";

/** What visitors see of an answer that comes in these pieces. */
function sift(pieces: readonly string[], habit = new ThinkingHabit(), isWhole = true) {
  const filter = new ThoughtFilter(habit);
  let shown = "";
  let tookBack = "";
  for (const piece of pieces) {
    if (filter.passes(piece)) {
      shown += piece;
      continue;
    }
    const sifted = filter.sift(piece);
    if (sifted === undefined) continue;
    if (sifted.takesBack) {
      tookBack += shown;
      shown = "";
    }
    shown += sifted.text;
  }
  return { answer: shown + filter.end(isWhole), tookBack };
}

/** The text cut into pieces at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const sorted = [...new Set(places.map((place) => place % (text.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [0, ...sorted].map((start, index) => text.slice(start, sorted[index] ?? text.length));
}

const THOUGHT = "The list says: 5 < 6.\nSo [5] it is.";

const FORMS: readonly (readonly [name: string, text: string])[] = [
  ["<think>", `<think>\n${THOUGHT}\n</think>\n\n${ANSWER}`],
  ["<think> behind white space", `\n\n<think>${THOUGHT}</think>${ANSWER}`],
  ["<think> without a thought", `<think>\n\n</think>\n\n${ANSWER}`],
  ["<Think> in capitals", `<THINK>${THOUGHT}</Think>${ANSWER}`],
  ["<think> twice", `<think>${THOUGHT}</think>\n<think>${THOUGHT}</think>\n${ANSWER}`],
  ["<think> with two ends", `<think>${THOUGHT}</think></think>${ANSWER}`],
  ["<thinking>", `<thinking>${THOUGHT}</thinking>\n${ANSWER}`],
  ["<thinking> with the end of <think>", `<thinking>${THOUGHT}</think>\n${ANSWER}`],
  ["<thought>", `<thought>${THOUGHT}</thought>${ANSWER}`],
  ["<reasoning>", `<reasoning>${THOUGHT}</reasoning>${ANSWER}`],
  ["<seed:think>", `<seed:think>${THOUGHT}</seed:think>${ANSWER}`],
  ["<longcat_think>", `<longcat_think>${THOUGHT}</longcat_think>${ANSWER}`],
  ["◁think▷", `◁think▷${THOUGHT}◁/think▷${ANSWER}`],
  ["[THINK]", `[THINK]${THOUGHT}[/THINK]${ANSWER}`],
  ["<|begin_of_thought|>", `<|begin_of_thought|>${THOUGHT}<|end_of_thought|>${ANSWER}`],
  ["<|START_THINKING|>", `<|START_THINKING|>${THOUGHT}<|END_THINKING|>${ANSWER}`],
  [
    "the channels of gpt-oss",
    `<|channel|>analysis<|message|>${THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>${ANSWER}`,
  ],
  ["a lone end at the beginning", `</think>\n\n${ANSWER}`],
];

describe("thoughts between tags are no part of the answer:", () => {
  test.each(FORMS)("%s, in one piece", (_name, text) => {
    expect(sift([text])).toEqual({ answer: ANSWER, tookBack: "" });
  });

  test.each(FORMS)("%s, a character at a time", (_name, text) => {
    expect(sift([...text])).toEqual({ answer: ANSWER, tookBack: "" });
  });

  test.each(FORMS)("%s, cut anywhere", (_name, text) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (places) => {
        expect(sift(cut(text, places))).toEqual({ answer: ANSWER, tookBack: "" });
      }),
      { numRuns: 100 },
    );
  });

  test("a thought without an end is no answer", () => {
    expect(sift(["<think>", THOUGHT]).answer).toBe("");
  });
});

describe("a thought in the middle of an answer is no part of it:", () => {
  const AGAIN: readonly (readonly [name: string, text: string, answer: string])[] = [
    [
      "on lines of its own",
      `Sure.\n\n<think>\n${THOUGHT}\n</think>\n\n${ANSWER}`,
      `Sure.\n\n\n\n${ANSWER}`,
    ],
    ["behind a sentence", `Sure.<think>${THOUGHT}</think> ${ANSWER}`, `Sure. ${ANSWER}`],
    [
      "after another",
      `<think>${THOUGHT}</think>Sure.<think>${THOUGHT}</think> ${ANSWER}`,
      `Sure. ${ANSWER}`,
    ],
    ["twice", `A.\n[THINK]b[/THINK]C.\n[THINK]d[/THINK]E.`, "A.\nC.\nE."],
    ["behind code", `Use \`a\`.\n<thinking>b</thinking>${ANSWER}`, `Use \`a\`.\n${ANSWER}`],
    ["at its end", `${ANSWER}\n<think>Was that right?</think>`, `${ANSWER}\n`],
  ];

  test.each(AGAIN)("%s", (_name, text, answer) => {
    expect(sift([text])).toEqual({ answer, tookBack: "" });
    expect(sift([...text])).toEqual({ answer, tookBack: "" });
    expect(sift(text.split(/(?<= )|(?=<)|(?<=>)/))).toEqual({ answer, tookBack: "" });
  });

  test.each(AGAIN)("%s, cut anywhere", (_name, text, answer) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (places) => {
        expect(sift(cut(text, places))).toEqual({ answer, tookBack: "" });
      }),
      { numRuns: 100, seed: 11 },
    );
  });

  test("also when it has no end", () => {
    expect(sift([...`Sure.\n<think> is a tag. ${ANSWER}`]).answer).toBe(
      `Sure.\n<think> is a tag. ${ANSWER}`,
    );
  });

  test("it is not shown when the limit cuts it", () => {
    expect(sift([...`Sure.\n<think>${THOUGHT}`], undefined, false).answer).toBe("Sure.\n");
  });

  test("only text that may be its tag is held back", () => {
    const filter = new ThoughtFilter(new ThinkingHabit());
    expect(filter.sift("Sure.\n")?.text).toBe("Sure.\n");
    expect(filter.sift("<th")).toBeUndefined();
    expect(filter.sift("e end>")?.text).toBe("<the end>");
  });
});

describe("an answer that mentions the tags stays as it is:", () => {
  const ANSWERS = [
    "Models think between <think> and </think> and then answer.",
    "Write `</think>` at the end.",
    "```\nfoo</think>bar\n```\nThat is all.",
    'Close it with "</think>".',
    "Close it with </think> at the end.",
    "“</think>” ends a thought.",
    "(</think> ends it)",
    "1. <think> begins it\n2. </think> ends it",
    "Tags:\n1. <think> begins it\n2. </think> ends it",
    "**<think>** begins it, and **</think>** ends it.",
    "|tag|\n|---|\n|<think>|\n|</think>|",
    "- <think>: begins it\n- </think>: ends it",
    "> <think>\n> a thought\n> </think>",
    "The tag <think> has no end here",
    "A < B, and B <th",
    "[a link](https://example.com) [THIN",
    "<thinker> is no tag of thoughts",
    "<table><tr><td>5</td></tr></table>",
    "<p>Hello</p>",
    "<",
    "◁",
    "  Indented.",
    "Ends with <",
  ];
  test.each(ANSWERS.map((text) => [text] as const))("%s", (text) => {
    expect(sift([text])).toEqual({ answer: text, tookBack: "" });
    expect(sift([...text])).toEqual({ answer: text, tookBack: "" });
    expect(sift(text.split(/(?<= )/))).toEqual({ answer: text, tookBack: "" });
  });

  test("whatever else it says, however it is cut", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "/",
      "think",
      "[",
      "]",
      "|",
      "`",
      "◁",
      " ",
      "a",
      "\n",
      "</",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = `Yes. ${pieces.join("")}`;
        fc.pre(!/<\/think>|\[\/think\]/.test(text));
        expect(sift(["Yes. ", ...pieces])).toEqual({ answer: text, tookBack: "" });
      }),
      { numRuns: 1000 },
    );
  });
});

/** The habit of a server whose last answer began in a thought. */
function thinking(): ThinkingHabit {
  const habit = new ThinkingHabit();
  habit.note(true);
  return habit;
}

describe("a thought without its opening tag", () => {
  const LONE: readonly (readonly [name: string, text: string])[] = [
    ["on a line of its own", `${THOUGHT}\n</think>\n\n${ANSWER}`],
    ["behind the last word", `${THOUGHT} Brief it is.</think>${ANSWER}`],
    ["behind a last word that has no full stop", `${THOUGHT} Answer with 5</think>${ANSWER}`],
    ["behind a sentence and a space", `${THOUGHT} </think> ${ANSWER}`],
    ["of another model", `${THOUGHT}◁/think▷${ANSWER}`],
    ["behind code", `Is it \`5\`?\n</think>\n${ANSWER}`],
  ];

  test.each(LONE)("%s is withdrawn", (_name, text) => {
    expect(sift([text]).answer).toBe(ANSWER);
    const inCharacters = sift([...text]);
    expect(inCharacters.answer).toBe(ANSWER);
    expect(inCharacters.tookBack).not.toBe("");
    expect(sift(text.split(/(?<= )|(?=<)|(?<=>)/)).answer).toBe(ANSWER);
  });

  test("is not shown in the next answers of that server", () => {
    const habit = new ThinkingHabit();
    const text = `${THOUGHT}\n</think>\n\n${ANSWER}`;
    expect(sift([...text], habit).tookBack).not.toBe("");
    expect(habit.beginsInThought).toBe(true);
    expect(sift([...text], habit)).toEqual({ answer: ANSWER, tookBack: "" });
    expect(sift([text], habit)).toEqual({ answer: ANSWER, tookBack: "" });
  });

  test("is forgotten as a habit when the server's next answer has none, and that answer is shown", () => {
    const habit = thinking();
    expect(sift([...ANSWER], habit)).toEqual({ answer: ANSWER, tookBack: "" });
    expect(habit.beginsInThought).toBe(false);
  });

  test("that a visitor made a model write does not delay other visitors' answers", () => {
    const habit = new ThinkingHabit();
    for (let count = 0; count < 10; count += 1) sift([ANSWER], habit);
    for (let count = 0; count < 9; count += 1) {
      expect(sift(["Yes.", "\n</think>\n\n", ANSWER], habit).answer).toBe(ANSWER);
      expect(habit.beginsInThought).toBe(false);
    }
  });

  test("is no longer expected after a few answers without one", () => {
    const habit = new ThinkingHabit();
    for (let count = 0; count < 100; count += 1) habit.note(true);
    for (let count = 0; count < 3; count += 1) expect(sift([ANSWER], habit).answer).toBe(ANSWER);
    expect(habit.beginsInThought).toBe(false);
  });

  test("is still not shown when the limit cut it before its closing tag", () => {
    const habit = thinking();
    expect(sift([...THOUGHT], habit, false)).toEqual({ answer: "", tookBack: "" });
    expect(habit.beginsInThought).toBe(true);
  });

  test("is not looked for when the server sends its thoughts separately", () => {
    const habit = thinking();
    const filter = new ThoughtFilter(habit);
    expect(filter.sift("It costs ")).toBeUndefined();
    filter.thinksApart();
    expect(filter.sift("5 euros.")).toEqual({ text: ANSWER, takesBack: false });
  });

  test("does not become a habit of a server that sends both tags", () => {
    const habit = new ThinkingHabit();
    expect(sift([`<think>${THOUGHT}</think>Hmm.</think>${ANSWER}`], habit).answer).toBe(ANSWER);
    expect(habit.beginsInThought).toBe(false);
  });
});

test("a hundred thousand tags and a million blanks are read within seconds", () => {
  const startedAt = performance.now();
  expect(sift(["</think>".repeat(100_000), ANSWER]).answer).toBe(ANSWER);
  expect(sift([`a${"</think>".repeat(100_000)}${ANSWER}`]).answer).toBe(ANSWER);
  expect(sift(Array.from({ length: 1_000_000 }, () => " "))).toEqual({
    answer: " ".repeat(256),
    tookBack: "",
  });
  // It would take minutes if each of them were looked for from the beginning.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
