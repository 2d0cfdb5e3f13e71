import { expect, setDefaultTimeout, test } from "bun:test";

import fc from "fast-check";

import { logProblems } from "./oracle/leaks.ts";
import { judge } from "./oracle/oracle.ts";
import { wireProblems } from "./oracle/wire.ts";
import { requestsTo } from "./requests/requests.ts";
import { connections } from "./requests/wire.ts";
import { REQUESTS, TIMEOUT_MS } from "./settings.ts";
import { readAnswers } from "./wire-answers.ts";
import { cut, talk } from "./wire.ts";
import { ENDLESS, World } from "./world.ts";

setDefaultTimeout(TIMEOUT_MS);

/** The parts of all requests that are sent over a socket; the rest is sent in process. */
const WHOLE_REQUESTS = Math.ceil(REQUESTS * 0.02);
const CONNECTIONS = Math.ceil(REQUESTS * 0.05);
const WHOLE = "GET /health HTTP/1.1\r\nhost: localhost\r\n";

test("the answers over a socket are those that the contract allows in process", async () => {
  const world = await World.create({ maxRequests: 100_000 });
  const base = world.app.listen();
  const routes = world.contract.routes.filter(({ path }) => !ENDLESS.test(path));
  await fc.assert(
    fc.asyncProperty(requestsTo(routes), async (recipe) => {
      expect(judge(await world.sendTo(base, recipe), world.contract)).toEqual([]);
    }),
    { numRuns: WHOLE_REQUESTS },
  );
  await world.close();
});

test("whatever is written to a connection, only answers that the contract allows come back", async () => {
  const world = await World.create({ maxRequests: 100_000 });
  const base = world.app.listen();
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(connections, async ({ before, text, hasEnd, pieces }) => {
      const firstWrite = world.writes.length;
      const whole = `${WHOLE}\r\n`.repeat(before);
      const end = hasEnd ? `${WHOLE}connection: close\r\n\r\n` : "";
      const bytes = Buffer.from(world.fill(`${whole}${text}${end}`), "latin1");
      const received = await talk(base, cut(bytes, pieces), { isClosing: false });
      const { answers, rest } = readAnswers(received);
      answered += answers.length;
      expect(answers.flatMap(wireProblems)).toEqual([]);
      // The rest is at most the beginning of an answer that the test did not wait for.
      expect(rest).toMatch(/^(?:HTTP\/1\.1 [^]*)?$/);
      expect(world.writes.slice(firstWrite)).toEqual([]);
      expect(logProblems({ lines: world.app.lines.splice(0), tokens: [] })).toEqual([]);
    }),
    { numRuns: CONNECTIONS },
  );
  expect(answered).toBeGreaterThan(CONNECTIONS / 2);
  // The server still answers.
  expect((await fetch(`${base}/health`)).status).toBe(200);
  await world.close();
});
