import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import {
  ask,
  databaseIn,
  KEYS,
  readDatabase,
  readThread,
  resume,
  turnIdOf,
} from "../../harness/chat-requests.ts";
import { answer, type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { followBody, parseSse } from "../../harness/streams.ts";

setDefaultTimeout(30_000);

/** The contract allows the loss of the last second: partial text is saved at least once a second. */
const MAX_LOSS_MS = 1000;
const TOKEN_INTERVAL_MS = 100;
/** Long enough for the first half of the tokens to be on the disk. */
const TOKEN_COUNT = 25;

let model: ModelServer | undefined;

afterEach(async () => {
  await cleanUp();
  await model?.stop();
  model = undefined;
});

test("an answer cut off by kill -9 is kept, shown as interrupted, and part of the next question's history", async () => {
  model = startModelServer(silence);
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url };
  const crashed = await startChatporch(settings);
  const reader = followBody(await ask(crashed.url, "Count for me"));
  const call = await model.call(0);
  const arrivals: { readonly text: string; readonly at: number }[] = [];
  let received = "";
  for (let number = 1; number <= TOKEN_COUNT; number++) {
    const token = `${number} `;
    await Bun.sleep(TOKEN_INTERVAL_MS);
    call.token(token);
    await reader.until(JSON.stringify({ type: "token", token }));
    received += token;
    arrivals.push({ text: received, at: performance.now() });
  }
  const turnId = turnIdOf(reader.text());
  const killedAt = performance.now();
  crashed.kill("SIGKILL");
  expect(await crashed.exited).toBe(137);
  // The text that the killed process must have saved.
  const saved = arrivals.findLast(({ at }) => at <= killedAt - MAX_LOSS_MS)?.text ?? "";
  expect(saved).toStartWith("1 2 3 ");

  model.script = answer("Where was I?");
  const server = await startChatporch(settings, crashed.folder);
  await server.stdout.until(/interruptedTurns=1/);
  expect(readDatabase(databaseIn(server.folder)).integrity).toBe("ok");
  const [question, partial] = await readThread(server.url);
  expect(question).toMatchObject({ role: "user", content: "Count for me", status: "complete" });
  expect(partial).toMatchObject({ role: "assistant", turnId, status: "interrupted" });
  const kept = partial?.content ?? "";
  expect(kept).toStartWith(saved.trim());
  expect(received).toStartWith(kept);

  const resumed = parseSse(await (await resume(server.url, turnId)).text());
  expect(resumed.map(({ data }) => data)).toEqual([
    { type: "start", conversationId: expect.any(String), turnId },
    { type: "token", token: kept },
    { type: "error", code: "interrupted", error: expect.any(String) },
  ]);
  const rest = parseSse(await (await resume(server.url, turnId, TOKEN_COUNT)).text());
  expect(rest.map(({ data }) => data.type)).toEqual(["error"]);

  const next = parseSse(await (await ask(server.url, "Go on")).text());
  expect(next.at(-1)?.data).toMatchObject({ type: "done", message: "Where was I?" });
  const { body } = await model.call(1);
  expect(body.messages.map(({ role, content }) => [role, content.trim()])).toEqual([
    ["system", expect.any(String)],
    ["user", "Count for me"],
    ["assistant", kept.trim()],
    ["user", "Go on"],
  ]);
  const statuses = (await readThread(server.url)).map(({ status }) => status);
  expect(statuses).toEqual(["complete", "interrupted", "complete", "complete"]);
});

test("a question whose server was killed before the first token is kept, and not sent to the model again", async () => {
  model = startModelServer(silence);
  const settings = { ...KEYS, OPENAI_BASE_URL: model.url };
  const crashed = await startChatporch(settings);
  const reader = followBody(await ask(crashed.url, "Anybody there?"));
  await reader.until("event: start\n");
  await model.call(0);
  crashed.kill("SIGKILL");
  await crashed.exited;

  model.script = answer("Here I am.");
  const server = await startChatporch(settings, crashed.folder);
  expect(await readThread(server.url)).toMatchObject([
    { role: "user", content: "Anybody there?", status: "complete" },
    { role: "assistant", content: "", status: "interrupted" },
  ]);
  expect(await (await ask(server.url, "Hello?")).text()).toContain("event: done\n");
  const { body } = await model.call(1);
  expect(body.messages.map(({ role, content }) => [role, content])).toEqual([
    ["system", expect.any(String)],
    ["user", "Hello?"],
  ]);
});
