import { expect, test } from "bun:test";

import { ALL } from "../../../src/widget/people/languages/all.ts";
import { EN } from "../../../src/widget/people/languages/en.ts";

test.each(Object.entries(ALL))(
  "in %s, every sentence has a place for what it is told",
  (_, words) => {
    const places = (text: string) => text.split("%").length - 1;
    for (const [key, text] of Object.entries(words)) {
      expect([key, places(text), text.trim()]).toEqual([
        key,
        places(EN[key as keyof typeof EN]),
        text,
      ]);
      expect(text).not.toBe("");
    }
  },
);
