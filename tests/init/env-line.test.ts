import { expect, test } from "bun:test";

import fc from "fast-check";

import { parseEnvFile } from "../../src/config/env-file.ts";
import { appendixTo } from "../../src/init/appendix.ts";
import { envLine } from "../../src/init/env-line.ts";

test.each([
  [
    "https://www.example.com,https://*.example.org",
    "A=https://www.example.com,https://*.example.org",
  ],
  ["pass word $1", "A='pass word $1'"],
  ["it's #1", `A="it's #1"`],
  [`'"`, "A=`'\"`"],
])("init writes the value %p so that every reader takes it as it is", (value, line) => {
  expect(envLine("A", value)).toBe(line);
});

test.each(["\\$", "'\"`", "a\rb"])("init writes no line for %p, which none can hold", (value) => {
  expect(envLine("A", value)).toBeUndefined();
});

test("a line that init writes holds exactly the value, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const line = envLine("A", value);
      if (line === undefined) return;
      expect(parseEnvFile(`${line}\n`)).toEqual([{ kind: "assignment", name: "A", value }]);
    }),
  );
});

test.each([
  ["nothing", "", /^# .*\nB=1\n$/],
  ["a whole line", "A=1\n", /^\n# .*\nB=1\n$/],
  ["an unfinished line", "# mine", /^\n\n# .*\nB=1\n$/],
  ["lines that end in CRLF", "A=1\r\nC=2", /^\r\n\r\n# .*\r\nB=1\r\n$/],
])(
  "what init adds behind %s begins on a line of its own, with the line ends of the file",
  (_, text, added) => {
    expect(appendixTo(text, new Map([["B", "1"]]))).toMatch(added);
  },
);

test("init adds nothing when nothing is missing", () => {
  expect(appendixTo("# mine", new Map())).toBe("");
});
