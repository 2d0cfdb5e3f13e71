import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import {
  cleanUp,
  runChatporch,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { spawnInTerminal, type TerminalProcess } from "../../harness/terminal.ts";

setDefaultTimeout(60_000);

const MODELS = [{ id: "llama3.2:latest" }, { id: "nomic-embed-text" }, { id: "qwen3:4b" }];
const SECRET = "sk-a-secret-of-the-owner";
const ENTER = "\r";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

let folder: string;
let model: ModelServer;

/** A server that answers as Ollama does, where OLLAMA_HOST says. */
beforeEach(() => {
  folder = temporaryFolder();
  model = startModelServer(answer("Ready."));
  model.get = (path) =>
    path === "/v1/models"
      ? Response.json({ object: "list", data: MODELS })
      : new Response("Ollama is running");
});

afterEach(async () => {
  await cleanUp();
  await model.stop();
});

const ollama = () => ({ OLLAMA_HOST: new URL(model.url).host, NODE_ENV: undefined });
const dotEnv = () => readFileSync(join(folder, ".env"), "utf8");
const settingIn = (text: string, name: string) =>
  new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
/** Files that a run leaves. `.bun` is the cache of the runtime. */
const files = () => readdirSync(folder).filter((name) => name !== ".bun");

function init(words: readonly string[], settings: Settings = {}) {
  return runChatporch(["init", ...words], { ...ollama(), ...settings }, folder);
}

function initInTerminal(words: readonly string[] = [], settings: Settings = {}): TerminalProcess {
  return spawnInTerminal(["init", ...words], { ...ollama(), ...settings }, folder);
}

/** Answers questions in their order. */
async function answerTo(
  terminal: TerminalProcess,
  answers: readonly (readonly [question: RegExp, keys: string])[],
): Promise<void> {
  for (const [question, keys] of answers) {
    await terminal.until(question);
    terminal.type(keys);
  }
}

async function chooseOllama(terminal: TerminalProcess): Promise<void> {
  const [, number] = await terminal.until(/(\d) {2}Ollama at \S+: llama3\.2:latest, qwen3:4b/);
  await answerTo(terminal, [[/Number .*: /, `${number}${ENTER}`]]);
}

describe("chatporch init on a terminal", () => {
  test("asks for everything that a server in production needs, which starts with it", async () => {
    const terminal = initInTerminal();
    await answerTo(terminal, [
      [/Kind .*: /, `p${ENTER}`],
      [/Websites: /, ENTER],
      [/Websites: /, `ftp://www.example.com${ENTER}`],
      [
        /CORS_ORIGIN has an entry that is not an exact origin[^]*Websites: /,
        "www.example.com/shop/",
      ],
      [/shop\/$/, `, localhost:3000${ENTER}`],
      [/Address .*: /, `chat.example.com${ENTER}`],
    ]);
    await chooseOllama(terminal);
    await answerTo(terminal, [
      [/Model \[llama3\.2:latest\]: /, ENTER],
      [/llama3\.2:latest answers; first token after [^]*Password .*: /, `1234${ENTER}`],
      [/DASHBOARD_PASSWORD is shorter[^]*Password .*: /, `${SECRET}${ENTER}`],
      [/again: /, `another${ENTER}`],
      [/two different passwords[^]*Password .*: /, ENTER],
    ]);
    const [, password = ""] = await terminal.until(/Its password was made just now: (\S+)/);
    expect(await terminal.exited).toBe(0);

    const text = dotEnv();
    expect(text).toContain("\nNODE_ENV=production\n");
    expect(text).toContain("\nCORS_ORIGIN=https://www.example.com,http://localhost:3000\n");
    expect(text).toContain("\nPUBLIC_URL=https://chat.example.com\n");
    expect(text).toContain(`\nOPENAI_BASE_URL=${model.url}\nOPENAI_MODEL=llama3.2:latest\n`);
    expect(text).toContain(`\nDASHBOARD_PASSWORD=${password}\n`);
    expect(statSync(join(folder, ".env")).mode & 0o777).toBe(0o600);
    const screen = terminal.screen();
    expect(screen).toContain(
      `<script src="https://chat.example.com/widget/chat-widget.js" data-api-key="${settingIn(text, "WIDGET_API_KEY")}" defer></script>`,
    );
    expect(screen).not.toContain(settingIn(text, "ADMIN_API_KEY"));
    expect(screen).not.toContain(SECRET);
    const server = await startChatporch({ NODE_ENV: undefined }, folder);
    expect(server.stderr.text()).toContain("(production)");
  });

  test("shows the provider's own error, never a key that was typed, and leaves nothing on Ctrl-C", async () => {
    model.script = () =>
      Response.json({ error: { message: `Incorrect API key: ${SECRET}` } }, { status: 401 });
    model.get = () => new Response("no", { status: 401 });
    const terminal = initInTerminal(["--development"]);
    await answerTo(terminal, [[/Websites .*: /, ENTER]]);
    const [, number] = await terminal.until(/(\d) {2}another server/);
    await answerTo(terminal, [
      [/Number .*: /, `${number}${ENTER}`],
      [/Its address.*: /, `${model.url}${ENTER}`],
      [/Its key .*: /, `${SECRET}${ENTER}`],
      // The arrow shows earlier lines where a program keeps them.
      [/Model: /, "\u001b[A"],
      [/.*/, `some-model${ENTER}`],
      [/it says: “Incorrect API key: \[redacted\]”[^]*Take it all the same.*: /, ENTER],
      [/Which model answers\?[^]*Number .*: /, CTRL_C],
      [/Stopped\. Nothing was written\./, ""],
    ]);
    expect(await terminal.exited).toBe(130);
    expect(terminal.screen()).not.toContain(SECRET);
    expect(files()).toEqual([]);
  });

  test("can be left with Ctrl-C while the model is asked", async () => {
    model.script = () => {};
    const terminal = initInTerminal(["--development", "--model-url", model.url, "--model", "slow"]);
    await answerTo(terminal, [
      [/Websites .*: /, ENTER],
      [/asking the model/, CTRL_C],
    ]);
    expect(await terminal.exited).toBe(130);
    expect(files()).toEqual([]);
  });

  test("says where a server has no model yet, and can be left with Ctrl-D", async () => {
    model.get = () => Response.json({ object: "list", data: null });
    const terminal = initInTerminal(["--development"]);
    await answerTo(terminal, [
      [/Websites .*: /, ENTER],
      [/\(Ollama is at \S+, but has no model yet\.\)[^]*Number .*: /, CTRL_D],
    ]);
    expect(await terminal.exited).toBe(130);
    expect(files()).toEqual([]);
  });
});

describe("chatporch init without a terminal", () => {
  test("takes options, finds Ollama, prints no secret, and changes nothing the second time", async () => {
    const words = ["--production", "--website", "https://www.example.com"];
    const first = await init(words);
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain(`Found Ollama at ${model.url}: llama3.2:latest, qwen3:4b\n`);
    expect(first.stdout).toMatch(/✓ model +llama3\.2:latest answers; first token after/);
    expect(first.stdout).toMatch(/✓ settings +usable, for production: NODE_ENV in \.env says so/);
    const text = dotEnv();
    for (const name of ["ADMIN_API_KEY", "DASHBOARD_PASSWORD"]) {
      expect(settingIn(text, name).length).toBeGreaterThan(12);
      expect(first.stdout).not.toContain(settingIn(text, name));
    }

    const second = await init(words);
    expect(second).toMatchObject({
      exitCode: 0,
      stdout: "Everything is set already. .env stays as it is.\n",
    });
    expect(dotEnv()).toBe(text);
  });

  test("says everything that it needs, and writes nothing", async () => {
    const { exitCode, stderr } = await init(["--production"], { OLLAMA_HOST: "127.0.0.1:1" });
    expect(exitCode).toBe(64);
    expect(stderr).toMatch(/needs more.*: your website \(--website .*\); a model \(--model-url/);
    expect(files()).toEqual([]);
  });

  test("leaves every line that is there alone, and adds what is missing", async () => {
    const before = `# Mine: do not touch\r\nexport WIDGET_API_KEY = "${SECRET}"\r\nFOREIGN=1 # yes\r\nOPENAI_API_KEY=sk-...\r\nCORS_ORIGIN=`;
    writeFileSync(join(folder, ".env"), before, { mode: 0o644 });
    const { exitCode, stdout } = await init([
      "--production",
      "--website",
      "https://www.example.com",
    ]);
    expect(exitCode).toBe(0);
    const text = dotEnv();
    expect(text.startsWith(`${before}\r\n`)).toBe(true);
    expect(text.replaceAll("\r\n", "")).not.toContain("\n");
    expect(text.match(/WIDGET_API_KEY/g)).toHaveLength(1);
    expect(stdout).not.toContain(SECRET);
    expect(stdout).toContain(".env sets CORS_ORIGIN twice, and the last one counts.");
  });

  test("writes nothing when the model gives no answer, unless it is not to be asked", async () => {
    model.script = () => Response.json({ error: { message: "out of memory" } }, { status: 400 });
    const words = ["--development", "--model-url", model.url];
    const refused = await init(words);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("it says: “out of memory”");
    expect(refused.stderr).toContain("With --untried it is not asked.");
    expect(files()).toEqual([]);
    expect(await init([...words, "--untried"])).toMatchObject({ exitCode: 0 });
    expect(dotEnv()).toContain("\nOPENAI_MODEL=llama3.2:latest\n");
  });

  test("takes the model's key from a file that it names, or from the environment", async () => {
    const file = join(folder, "key.txt");
    writeFileSync(file, `${SECRET}\n`);
    const words = ["--development", "--model-url", model.url];
    await init([...words, "--openai-key-file", "key.txt"]);
    expect((await model.call(0)).headers.get("authorization")).toBe(`Bearer ${SECRET}`);
    expect(dotEnv()).toContain(`\nOPENAI_API_KEY_FILE=${file}\n`);
    expect(dotEnv()).not.toContain(SECRET);

    folder = temporaryFolder();
    const { stdout } = await init(words, { OPENAI_API_KEY: SECRET });
    expect(stdout).toContain("Taken over from the environment: OPENAI_API_KEY\n");
    expect(stdout).not.toContain(SECRET);
    expect(dotEnv()).toContain(`\nOPENAI_API_KEY=${SECRET}\n`);
  });

  test.each([
    ["a line that is none", "CORS_ORIGIN https://www.example.com\n", [], 78, ".env: line 1"],
    ["a setting that is wrong", "PORT=http\n", [], 78, "PORT: must be a whole number"],
    [
      "a setting that production refuses",
      "CORS_ORIGIN=*\n",
      ["--production"],
      78,
      "CORS_ORIGIN: must name your websites in production",
    ],
    [
      "another value than the option",
      "NODE_ENV=production\n",
      ["--development"],
      64,
      "--development: NODE_ENV is set to something else",
    ],
    [
      "nothing wrong, but the option has",
      "# fine\n",
      ["--website", "capacitor:localhost", "--development"],
      64,
      "--website: CORS_ORIGIN has an entry that is not an exact origin",
    ],
    [
      "nothing about a model",
      "# fine\n",
      ["--model", "mine", "--development"],
      64,
      "--model: name its server, too",
    ],
  ])("writes nothing where .env has %s", async (_, text, words, code, says) => {
    writeFileSync(join(folder, ".env"), text);
    const { exitCode, stderr } = await init(words, { OLLAMA_HOST: "127.0.0.1:1" });
    expect([exitCode, stderr.includes(says)]).toEqual([code, true]);
    expect(dotEnv()).toBe(text);
  });
});

test("chatporch init --help names every option, and does nothing", async () => {
  const { exitCode, stdout } = await init(["--help"]);
  expect(exitCode).toBe(0);
  for (const option of ["--website ORIGIN", "--openai-key-file FILE", "--password-file FILE"]) {
    expect(stdout).toContain(option);
  }
  expect(existsSync(join(folder, ".env"))).toBe(false);
});
