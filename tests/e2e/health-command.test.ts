import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { cleanUp, runChatporch, type Settings, startChatporch } from "../../harness/process.ts";

setDefaultTimeout(30_000);

let other: Bun.Server<undefined> | undefined;

afterEach(async () => {
  await other?.stop(true);
  other = undefined;
  await cleanUp();
});

function health(settings: Settings) {
  return runChatporch(["health"], settings);
}

/** Another program on a port, which the test is the server of. */
function startOther(fetch: (request: Request) => Response | Promise<Response>): string {
  other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
  return String(other.port);
}

test("chatporch health exits with 0 beside a running server, and asks it without the proxy of the environment", async () => {
  const settings = { PUBLIC_URL: "https://example.com/chat", HOST: "0.0.0.0" };
  const server = await startChatporch(settings);
  const asked: string[] = [];
  const proxy = startOther(({ url }) => {
    asked.push(url);
    return new Response("not found", { status: 404 });
  });
  const { port } = new URL(server.url);

  const found = await health({ ...settings, PORT: port, HTTP_PROXY: `http://127.0.0.1:${proxy}` });

  expect(found).toEqual({
    exitCode: 0,
    stdout: `http://localhost:${port}/chat/health: alive\n`,
    stderr: "",
  });
  expect(asked).toEqual([]);
});

test("chatporch health exits with 1 and one line when no server listens", async () => {
  const port = startOther(() => new Response());
  await other?.stop(true);
  const { exitCode, stdout, stderr } = await health({ HOST: "::1", PORT: port });
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toBe(
    `chatporch health: http://[::1]:${port}/health does not answer: is the server running, with the same HOST and PORT?\n`,
  );
});

test("chatporch health exits with 1 when another program has the port", async () => {
  const port = startOther(() => Response.redirect("https://example.com/health"));
  const { exitCode, stderr } = await health({ PORT: port });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("answers 302, but not as chatporch does.");
});

test("chatporch health exits with 1 when the server does not answer in time", async () => {
  const port = startOther(() => new Promise<Response>(() => {}));
  const { exitCode, stderr } = await health({ PORT: port });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("does not answer within 5 s.");
});

test.each([
  ["are wrong", { PORT: "http" }, "PORT: must be a whole number"],
  ["leave the port to the system", { PORT: "0" }, "Set PORT to a number."],
])("chatporch health exits with 78 when the settings %s", async (_, settings, sentence) => {
  const { exitCode, stderr } = await health(settings);
  expect(exitCode).toBe(78);
  expect(stderr).toContain(sentence);
});
