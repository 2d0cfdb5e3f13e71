import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import {
  ask,
  KEYS,
  readThread,
  resume,
  stopAnswer,
  turnIdOf,
} from "../../harness/chat-requests.ts";
import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { followBody, parseSse } from "../../harness/streams.ts";

setDefaultTimeout(30_000);

let model: ModelServer;

beforeEach(() => {
  model = startModelServer(silence);
});

afterEach(async () => {
  await cleanUp();
  await model.stop();
});

describe("a client that leaves", () => {
  const ABANDONED_GRACE_MS = 500;
  /** The model's connection has to be closed this soon after the grace. */
  const CLOSED_WITHIN_MS = 1000;

  function start(graceMs = ABANDONED_GRACE_MS) {
    return startChatporch({
      ...KEYS,
      OPENAI_BASE_URL: model.url,
      ABANDONED_TURN_GRACE_MS: String(graceMs),
    });
  }

  test("in the middle of a stream stops the model after the grace, and the words so far are kept", async () => {
    const server = await start();
    const client = new AbortController();
    const reader = followBody(await ask(server.url, "Hi", { signal: client.signal }));
    const call = await model.call(0);
    call.token("So far ");
    const turnId = turnIdOf(await reader.until("So far"));

    const leftAt = performance.now();
    const stopwatch = startStopwatch(server.pid);
    client.abort();
    await call.left;
    expect(stopwatch()).toBeLessThan(ABANDONED_GRACE_MS + CLOSED_WITHIN_MS);
    // The model runs until the grace is over, because the visitor may come back.
    expect(performance.now() - leftAt).toBeGreaterThan(ABANDONED_GRACE_MS - 50);

    const again = parseSse(await (await resume(server.url, turnId)).text());
    expect(again.at(-1)?.data).toMatchObject({
      type: "done",
      message: "So far",
      finishReason: "stopped",
    });
    const [, answer] = await readThread(server.url);
    expect(answer).toMatchObject({ content: "So far", status: "stopped" });
  });

  test("and comes back in time finds the answer still going on", async () => {
    const graceMs = 1500;
    const server = await start(graceMs);
    const client = new AbortController();
    const reader = followBody(await ask(server.url, "Hi", { signal: client.signal }));
    const call = await model.call(0);
    call.token("So far ");
    const turnId = turnIdOf(await reader.until("So far"));
    client.abort();
    const resumed = resume(server.url, turnId, 2);
    // This is longer than the grace, but somebody reads.
    await Bun.sleep(graceMs + 500);
    expect(call.hasLeft()).toBe(false);
    call.token("so good.");
    call.finish();
    const events = parseSse(await (await resumed).text());
    expect(events.map(({ id }) => id)).toEqual(["3", "4"]);
    expect(events.at(-1)?.data).toMatchObject({ type: "done", message: "So far so good." });
  });

  test("and comes back to a silent model is answered at once, before the first heartbeat", async () => {
    const server = await start();
    const reader = followBody(await ask(server.url, "Hi"));
    const turnId = turnIdOf(await reader.until("\n\n"));
    const resumedAt = performance.now();
    const resumed = await resume(server.url, turnId, 1);
    expect(resumed.status).toBe(200);
    // The first heartbeat would come 15 s later.
    expect(performance.now() - resumedAt).toBeLessThan(5000);
  });

  test("while it waits for a whole answer stops the model as well", async () => {
    const server = await start();
    const client = new AbortController();
    const options = { path: "/v1/chat", signal: client.signal };
    const answered = ask(server.url, "Hi", options).catch((error: Error) => error.name);
    const call = await model.call(0);
    const stopwatch = startStopwatch(server.pid);
    client.abort();
    await call.left;
    expect(stopwatch()).toBeLessThan(ABANDONED_GRACE_MS + CLOSED_WITHIN_MS);
    expect(await answered).toBe("AbortError");
  });

  test("with the stop call ends the answer at once, for every reader", async () => {
    const server = await start();
    const reader = followBody(await ask(server.url, "Hi"));
    const call = await model.call(0);
    call.token("Enough ");
    const turnId = turnIdOf(await reader.until("Enough"));

    const stopwatch = startStopwatch(server.pid);
    const response = await stopAnswer(server.url, turnId);
    await call.left;
    expect(stopwatch()).toBeLessThan(CLOSED_WITHIN_MS);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      turnId,
      message: "Enough",
      finishReason: "stopped",
    });
    expect(parseSse(await reader.end()).at(-1)?.data).toMatchObject({
      type: "done",
      message: "Enough",
      finishReason: "stopped",
    });
    const [, answer] = await readThread(server.url);
    expect(answer).toMatchObject({ content: "Enough", status: "stopped" });
  });
});
