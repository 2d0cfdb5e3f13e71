import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";

import { KEYS } from "../../harness/chat-requests.ts";
import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { parseSse } from "../../harness/streams.ts";
import type { VisitorResult } from "../support/many-visitors.ts";

/** More than the 256 requests that Bun's fetch runs at once by default. */
const VISITOR_COUNT = 300;
const VISITORS = join(import.meta.dir, "../support/many-visitors.ts");
const ARRIVAL_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = 60_000;

let model: ModelServer | undefined;

afterEach(async () => {
  await cleanUp();
  await model?.stop();
  model = undefined;
});

/** Resolves with all the answers once every visitor has one. */
async function sendVisitors(url: string): Promise<VisitorResult[]> {
  const visitors = Bun.spawn([process.execPath, VISITORS, url, String(VISITOR_COUNT)], {
    env: { PATH: process.env.PATH ?? "", BUN_CONFIG_MAX_HTTP_REQUESTS: "1000" },
    stdin: "ignore",
    timeout: TIMEOUT_MS,
  });
  const lines = (await visitors.stdout.text()).split("\n").filter((line) => line !== "");
  return lines.map((line): VisitorResult => JSON.parse(line));
}

/** Resolves when the model has every question before it, none of them answered. */
async function untilAllAreAsked(server: ModelServer): Promise<void> {
  const deadline = Bun.sleep(ARRIVAL_TIMEOUT_MS).then(() => {
    throw new Error(
      `Only ${server.calls.length} of ${VISITOR_COUNT} questions were asked at once.`,
    );
  });
  await Promise.race([server.call(VISITOR_COUNT - 1), deadline]);
}

test(
  `${VISITOR_COUNT} answers stream at once, each to the visitor who asked`,
  async () => {
    model = startModelServer(silence);
    const server = await startChatporch({
      ...KEYS,
      OPENAI_BASE_URL: model.url,
      RATE_LIMIT_MAX_REQUESTS: "1000",
      MAX_STREAMS_PER_ADDRESS: "1000",
      LOG_LEVEL: "warn",
    });
    const visitors = sendVisitors(server.url);
    await untilAllAreAsked(model);
    for (const call of model.calls) {
      call.token("You asked: ");
      call.token(call.body.messages.at(-1)?.content ?? "");
      call.finish();
    }

    const results = await visitors;
    expect(results).toHaveLength(VISITOR_COUNT);
    for (const { visitor, status, body } of results) {
      expect(status).toBe(200);
      const events = parseSse(body).map(({ data }) => data);
      expect(events.map(({ type }) => type)).toEqual(["start", "token", "token", "done"]);
      expect(events.at(-1)).toMatchObject({ message: `You asked: Question ${visitor}` });
    }
    expect(new Set(results.map(({ visitor }) => visitor)).size).toBe(VISITOR_COUNT);
    expect(await server.stop()).toBe(0);
  },
  TIMEOUT_MS,
);
