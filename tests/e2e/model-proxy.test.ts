import { afterAll, beforeAll, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, runChatporch } from "../../harness/process.ts";

let model: ModelServer;
beforeAll(() => {
  model = startModelServer(answer("Ready."));
});
afterAll(async () => {
  await cleanUp();
  await model.stop();
});

async function doctor(settings: Record<string, string>): Promise<string> {
  const url = { OPENAI_BASE_URL: model.url, OPENAI_MODEL: "m", NODE_ENV: "development" };
  const args = ["doctor", "--url", "http://127.0.0.1:9"];
  return (await runChatporch(args, { ...url, ...settings })).stdout;
}

test("the model is asked through HTTP_PROXY of the environment, unless NO_PROXY excepts its server", async () => {
  const asked: string[] = [];
  const proxy = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      asked.push(`${request.method} ${request.url}`);
      return Response.json({ error: { message: "The proxy says no." } }, { status: 403 });
    },
  });
  const HTTP_PROXY = `http://127.0.0.1:${proxy.port}`;
  expect(await doctor({ HTTP_PROXY })).toContain("“The proxy says no.”");
  expect(asked.length).toBeGreaterThan(0);
  const before = asked.length;
  expect(await doctor({ HTTP_PROXY, NO_PROXY: "127.0.0.1" })).toMatch(/^✓ model/m);
  expect(asked).toHaveLength(before);
  await proxy.stop(true);
});

test("the log names an unreachable proxy as a reason why the model could not be reached", async () => {
  const report = await doctor({ HTTP_PROXY: "http://127.0.0.1:9" });
  expect(report).toMatch(/✗ model .*nothing accepts connections/);
  expect(report).toContain("HTTP_PROXY if it is set");
});
