import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { ask, KEYS } from "../../harness/chat-requests.ts";
import { type Exposition, parseExposition } from "../../harness/exposition.ts";
import { cleanUp, type RunningServer, startChatporch } from "../../harness/process.ts";

setDefaultTimeout(30_000);

const METRICS_KEY = "metrics-key-for-e2e-tests-0123456";
const SETTINGS = { ...KEYS, METRICS_KEY, RATE_LIMIT_MAX_REQUESTS: "10000" };

afterEach(cleanUp);

async function scrape({ url }: RunningServer): Promise<Exposition> {
  const headers = { authorization: `Bearer ${METRICS_KEY}` };
  return parseExposition(await (await fetch(`${url}/metrics`, { headers })).text());
}

test("a running server measures its commits and its event loop", async () => {
  const server = await startChatporch(SETTINGS);
  const before = await scrape(server);
  const beats = (seen: Exposition) =>
    seen.values.get("chatporch_event_loop_lag_seconds_count") ?? 0;
  await (await ask(server.url, "Hi?")).text();
  let after = await scrape(server);
  while (beats(after) === beats(before)) {
    await Bun.sleep(10);
    after = await scrape(server);
  }
  const commits = "chatporch_database_write_seconds_count";
  expect(after.values.get(commits)).toBeGreaterThanOrEqual((before.values.get(commits) ?? 0) + 2);
  expect(after.values.get('chatporch_turns_total{status="complete"}')).toBe(1);
});

test("the metrics key is in nothing that the server writes", async () => {
  const server = await startChatporch({ ...SETTINGS, LOG_LEVEL: "debug" });
  await scrape(server);
  await fetch(`${server.url}/${METRICS_KEY}`);
  await server.stdout.until(/status=404/);
  await server.stop();
  const written = server.stdout.text() + server.stderr.text();
  expect(written).toContain("/metrics");
  expect(written).toContain("[redacted]");
  expect(written).not.toContain(METRICS_KEY);
});
