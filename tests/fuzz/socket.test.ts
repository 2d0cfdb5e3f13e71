import { expect, setDefaultTimeout, test } from "bun:test";

import fc from "fast-check";

import { logProblems } from "./oracle/leaks.ts";
import { wireProblems } from "./oracle/wire.ts";
import { connections } from "./requests/wire.ts";
import { REQUESTS, SEED, TIMEOUT_MS } from "./settings.ts";
import { readAnswers } from "./wire-answers.ts";
import { cut, talk } from "./wire.ts";
import { World } from "./world.ts";

setDefaultTimeout(TIMEOUT_MS);

const OVER_A_SOCKET = Math.ceil(REQUESTS * 0.05);
const WHOLE = "GET /health HTTP/1.1\r\nhost: localhost\r\n";

test("whatever is written to a connection, nothing comes back but what the contract knows", async () => {
  const world = await World.create({ maxRequests: 100_000 });
  const base = world.app.listen();
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(connections, async ({ before, text, hasEnd, pieces }) => {
      const firstWrite = world.writes.length;
      const whole = `${WHOLE}\r\n`.repeat(before);
      const end = hasEnd ? `${WHOLE}connection: close\r\n\r\n` : "";
      const bytes = Buffer.from(world.fill(`${whole}${text}${end}`), "latin1");
      const { answers, rest } = readAnswers(await talk(base, cut(bytes, pieces)));
      answered += answers.length;
      expect(answers.flatMap(wireProblems)).toEqual([]);
      expect(rest).toBe("");
      expect(world.writes.slice(firstWrite)).toEqual([]);
      expect(logProblems({ lines: world.app.lines.splice(0), tokens: [] })).toEqual([]);
    }),
    { seed: SEED, numRuns: OVER_A_SOCKET },
  );
  expect(answered).toBeGreaterThan(OVER_A_SOCKET / 2);
  // It is as well as before.
  expect((await fetch(`${base}/health`)).status).toBe(200);
  await world.close();
});
