import { expect, test } from "bun:test";

import fc from "fast-check";

import { TokenLog } from "../../src/turns/token-log.ts";

test("a token log returns its tokens from any number on, whenever its text was read", () => {
  const halves = ["\u{1f600}".charAt(0), "\u{1f600}".charAt(1)];
  const token = fc.oneof(fc.string(), fc.constantFrom("", ...halves));
  const step = fc.record({ token, isTextRead: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const log = new TokenLog();
      for (const { token: next, isTextRead } of steps) {
        log.append(next);
        if (isTextRead) log.text();
      }
      const tokens = steps.map((step) => step.token);
      expect(log.count).toBe(tokens.length);
      for (let count = 0; count <= tokens.length + 1; count++) {
        expect(log.after(count)).toEqual(tokens.slice(count));
      }
      expect(log.text()).toBe(tokens.join(""));
      expect(log.after(0)).toEqual(tokens);
    }),
  );
});
