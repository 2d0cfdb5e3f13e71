import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ask, databaseIn, KEYS, readDatabase, readThread } from "../../harness/chat-requests.ts";
import { type ModelServer, silence, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, runChatporch, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { followBody } from "../../harness/streams.ts";

setDefaultTimeout(30_000);

let model: ModelServer | undefined;

afterEach(async () => {
  await cleanUp();
  await model?.stop();
  model = undefined;
});

/** The curl command in the banner, as a person would copy it. */
function curlOf(banner: string): string {
  const [, command] = /Try it:\n([\s\S]*?)\n\n/.exec(banner) ?? [];
  if (!command) throw new Error(`No command in the banner:\n${banner}`);
  return command;
}

async function runInShell(command: string, env: Record<string, string> = {}): Promise<string> {
  const shell = Bun.spawn(["bash", "-c", command], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdin: "ignore",
    stderr: "ignore",
  });
  return shell.stdout.text();
}

function developmentKeyOf(banner: string): string {
  const [, key] = /widget key +(\S+)/.exec(banner) ?? [];
  if (!key) throw new Error(`No key in the banner:\n${banner}`);
  return key;
}

describe("the banner", () => {
  test("shows a first-time user the address, the key and what is missing, and its curl command works", async () => {
    const server = await startChatporch();
    const banner = (await server.stderr.until(/Try it:\n[\s\S]*?\n\n/)).input;
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(banner).toContain("(development)");
    expect(banner).toMatch(/model +demo/);
    expect(banner).toMatch(/database +data\/chatporch\.db/);
    expect(banner).toMatch(/! .*demo model.*OPENAI_API_KEY/);
    expect(banner).toMatch(/! .*CORS_ORIGIN/);
    expect(banner).toMatch(/! .*ADMIN_API_KEY/);
    expect(developmentKeyOf(banner).length).toBeGreaterThanOrEqual(24);

    const answer = await runInShell(curlOf(banner));
    expect(answer).toContain("event: start\n");
    expect(answer).toContain("event: token\n");
    expect(answer).toContain("event: done\n");
    expect(answer).toContain("demo model");
  });

  test("with keys in .env, prints a curl command that works, and does not print the owner's keys", async () => {
    const folder = temporaryFolder();
    const lines = Object.entries(KEYS).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, ".env"), lines.join(""));
    const server = await startChatporch({}, folder);
    const banner = (await server.stderr.until(/Try it:\n[\s\S]*?\n\n/)).input;
    expect(banner).not.toContain(KEYS.ADMIN_API_KEY);
    expect(await runInShell(curlOf(banner))).toContain("event: done\n");
  });

  test("prints a curl command that works whatever characters the widget key has", async () => {
    const key = `it's-$HOME-"and"-\`more\`-\\n-!x`;
    const server = await startChatporch({ WIDGET_API_KEY: `${key},${KEYS.WIDGET_API_KEY}` });
    const banner = (await server.stderr.until(/Try it:\n[\s\S]*?\n\n/)).input;
    expect(await runInShell(curlOf(banner))).toContain("event: done\n");
  });

  test("names the demo page and the dashboard, and how to claim the dashboard unless it has a password", async () => {
    const without = await startChatporch();
    const page = /try it at +(\S+)\n/.exec(without.stderr.text())?.[1] ?? "";
    expect((await fetch(page)).headers.get("content-type")).toContain("text/html");
    const claim = /Claim the dashboard: .*\n +(\S+)\n/.exec(without.stderr.text())?.[1] ?? "";
    expect(await (await fetch(claim)).text()).toContain("Claim this dashboard");

    const server = await startChatporch({ DASHBOARD_PASSWORD: "correct horse battery" });
    const dashboard = /dashboard +(\S+)\n/.exec(server.stderr.text())?.[1] ?? "";
    expect(await (await fetch(dashboard)).text()).toContain('type="password"');
    expect(server.stderr.text()).not.toContain("Claim");
  });

  test("warns of a typo in a setting's name", async () => {
    const server = await startChatporch({ RATE_LIMIT_MAX_REQUEST: "5" });
    const banner = (await server.stderr.until(/Try it:/)).input;
    expect(banner).toMatch(/! RATE_LIMIT_MAX_REQUEST .*RATE_LIMIT_MAX_REQUESTS\b/);
  });
});

describe("without any settings", () => {
  test("the demo model answers and says what it is", async () => {
    const server = await startChatporch();
    const key = developmentKeyOf(server.stderr.text());
    const response = await ask(server.url, "Are you open on Sundays?", {
      path: "/v1/chat",
      headers: { "x-api-key": key },
    });
    expect(response.status).toBe(200);
    const { message }: { message: string } = JSON.parse(await response.text());
    expect(message).toContain("demo model");
    expect(message).toContain("Are you open on Sundays?");
  });

  test("the key made for development survives a restart on the same database", async () => {
    const first = await startChatporch();
    const key = developmentKeyOf(first.stderr.text());
    expect(await first.stop()).toBe(0);

    const second = await startChatporch({}, first.folder);
    expect(developmentKeyOf(second.stderr.text())).toBe(key);
    const elsewhere = await startChatporch();
    expect(developmentKeyOf(elsewhere.stderr.text())).not.toBe(key);
  });

  test("the settings come from .env in the working directory", async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, ".env"),
      "OPENAI_BASE_URL=http://127.0.0.1:9/v1\nOPENAI_MODEL=dot\n",
    );
    const server = await startChatporch({}, folder);
    expect(server.stderr.text()).toMatch(/model +dot\n/);
  });

  test("the database and its folder can be read only by their owner", async () => {
    const { folder } = await startChatporch();
    expect(statSync(join(folder, "data")).mode & 0o777).toBe(0o700);
    expect(statSync(databaseIn(folder)).mode & 0o777).toBe(0o600);
  });
});

describe("production", () => {
  test("does not start with examples in the place of keys and websites", async () => {
    const folder = temporaryFolder();
    const { exitCode, stdout, stderr } = await runChatporch(
      [],
      {
        NODE_ENV: "production",
        OPENAI_API_KEY: "sk-your-own-key",
        WIDGET_API_KEY: "change-me",
        CORS_ORIGIN: "change-me",
      },
      folder,
    );
    expect(exitCode).toBe(78);
    for (const name of ["OPENAI_API_KEY", "WIDGET_API_KEY", "CORS_ORIGIN"]) {
      expect(stderr).toContain(`  ${name}: `);
      expect(stderr).toContain(`for example ${name}=`);
    }
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(existsSync(databaseIn(folder))).toBe(false);
  });

  test("names every problem in one message and prints no value", async () => {
    const wrong = {
      PORT: "no-port-17",
      OPENAI_API_KEY: "sk-...",
      WIDGET_API_KEY: "short-secret",
      ADMIN_API_KEY: "tiny-secret",
      CORS_ORIGIN: "https://site-17.example/path",
      RATE_LIMIT_WINDOW_MS: "-17",
      TRUST_PROXY: "somewhere-17",
      STREAM_FORMAT: "morse",
    };
    const { exitCode, stderr } = await runChatporch([], { NODE_ENV: "production", ...wrong });
    expect(exitCode).toBe(78);
    expect(stderr.match(/settings are not usable/g)).toHaveLength(1);
    for (const [name, value] of Object.entries(wrong)) {
      expect(stderr).toContain(`  ${name}: `);
      expect(stderr).not.toContain(value);
    }
  });

  test("starts with keys, a model and a website, and listens on all addresses", async () => {
    const server = await startChatporch({
      ...KEYS,
      NODE_ENV: "production",
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      CORS_ORIGIN: "https://www.example.com",
    });
    expect(server.stderr.text()).toContain("(production)");
    const response = await fetch(`${server.url}/health`);
    expect(response.status).toBe(200);
    expect(response.headers.get("strict-transport-security")).toContain("max-age=31536000");
  });
});

describe("a port that is in use", () => {
  test("ends the second server with a clear message", async () => {
    const first = await startChatporch();
    const { port } = new URL(first.url);
    const second = await runChatporch([], { PORT: port });
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`^chatporch: .*port ${port}.*\n$`));
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
  });

  test("does not disturb the answers that the first server has under way", async () => {
    model = startModelServer(silence);
    const settings = { ...KEYS, OPENAI_BASE_URL: model.url };
    const first = await startChatporch(settings);
    const reader = followBody(await ask(first.url, "Hi"));
    const call = await model.call(0);
    call.token("First half");
    await reader.until("First half");

    // The same server started twice by mistake: the same folder, database and port.
    const { port } = new URL(first.url);
    const second = await runChatporch([], { ...settings, PORT: port }, first.folder);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/^chatporch: .*\n$/);

    const [, running] = await readThread(first.url);
    expect(running?.status).toBe("streaming");
    call.token(", second half");
    call.finish();
    expect(await reader.end()).toContain("event: done\n");
    const [, answer] = await readThread(first.url);
    expect(answer).toMatchObject({ content: "First half, second half", status: "complete" });
  });
});

describe("a database that is in use", () => {
  test("ends a second server, on whatever port, with a clear message", async () => {
    const first = await startChatporch();
    const second = await runChatporch([], { PORT: "0" }, first.folder);
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/^chatporch: .*data\/chatporch\.db.*\n$/);
    expect((await fetch(`${first.url}/ready`)).status).toBe(200);

    // The database is free again as soon as the first server has ended.
    expect(await first.stop()).toBe(0);
    const third = await startChatporch({}, first.folder);
    expect((await fetch(`${third.url}/ready`)).status).toBe(200);
  });
});

describe("the command line", () => {
  test("--help names the commands", async () => {
    const { exitCode, stdout, stderr } = await runChatporch(["--help"]);
    expect(exitCode).toBe(0);
    for (const word of [
      "serve",
      "backup FILE",
      "restore FILE",
      "--force",
      "openapi",
      "--version",
    ]) {
      expect(stdout).toContain(word);
    }
    expect(stderr).toBe("");
  });

  test("--version prints the version of package.json", async () => {
    const file = Bun.file(join(import.meta.dir, "../../package.json"));
    const { version }: { version: string } = await file.json();
    expect(await runChatporch(["--version"])).toEqual({
      exitCode: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test.each([
    [["sevre"]],
    [["--port", "4000"]],
    [["serve", "now"]],
    [["backup"]],
    [["backup", "one", "two"]],
    [["backup", "one", "--force"]],
    [["restore"]],
    [["restore", "--force"]],
    [["restore", "one", "two"]],
    [["restore", "one", "--forec"]],
    [["restore", "one", "--force", "--force"]],
  ])("%p is refused as wrong usage", async (args) => {
    const folder = temporaryFolder();
    const { exitCode, stdout, stderr } = await runChatporch(args, {}, folder);
    expect(exitCode).toBe(64);
    expect(stdout).toBe("");
    expect(stderr).toContain("--help");
    expect(existsSync(databaseIn(folder))).toBe(false);
  });

  test.each([
    ["sevre", "serve"],
    ["bakcup", "backup"],
    ["version", "--version"],
  ])("the unknown command %p is refused with a hint at the nearest one", async (written, meant) => {
    const { exitCode, stderr } = await runChatporch([written]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(`Did you mean ${meant}?`);
  });

  test("the internal command that searches is neither in the help nor in a hint", async () => {
    expect((await runChatporch(["--help"])).stdout).not.toContain("search");
    expect((await runChatporch(["serach"])).stderr).not.toContain("Did you mean");
  });
});

describe("openapi", () => {
  const PATHS = {
    "/v1/chat": ["post"],
    "/v1/chat/stream": ["post"],
    "/chat": ["post"],
    "/v1/chat/stream/{turnId}": ["get"],
    "/v1/chat/stream/{turnId}/stop": ["post"],
    "/v1/sessions": ["post"],
    "/v1/chat/history": ["get", "delete"],
    "/v1/admin/conversations": ["get"],
    "/v1/admin/conversations/{id}": ["get", "delete"],
    "/v1/admin/conversations/export": ["get"],
    "/health": ["get"],
    "/ready": ["get"],
    "/v1/openapi.json": ["get"],
  };

  test("prints the document of every endpoint, and touches no file", async () => {
    const folder = temporaryFolder();
    const { exitCode, stdout } = await runChatporch(["openapi"], { HOME: "/nonexistent" }, folder);
    expect(exitCode).toBe(0);
    const document: { openapi: string; paths: Record<string, Record<string, unknown>> } =
      JSON.parse(stdout);
    expect(document.openapi).toMatch(/^3\.1\./);
    for (const [path, methods] of Object.entries(PATHS)) {
      expect(Object.keys(document.paths[path] ?? {})).toEqual(expect.arrayContaining(methods));
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test("prints the same document as the server serves", async () => {
    const settings = { PUBLIC_URL: "https://chat.example.com" };
    const server = await startChatporch(settings);
    const { stdout } = await runChatporch(["openapi"], settings);
    const served: unknown = await (await fetch(`${server.url}/v1/openapi.json`)).json();
    expect(served).toEqual(JSON.parse(stdout));
  });
});

describe("backup", () => {
  test("copies the database while the server is answering", async () => {
    model = startModelServer(silence);
    const settings = { ...KEYS, OPENAI_BASE_URL: model.url };
    const server = await startChatporch(settings);
    const reader = followBody(await ask(server.url, "First question"));
    const call = await model.call(0);
    call.token("Half an answer");
    await reader.until("Half an answer");

    const copy = join(server.folder, "copy.db");
    const backup = await runChatporch(["backup", copy], settings, server.folder);
    expect(backup).toMatchObject({ exitCode: 0, stderr: "" });
    expect(backup.stdout).toContain(copy);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(existsSync(`${copy}-wal`)).toBe(false);
    const { integrity, messages } = readDatabase(copy);
    expect(integrity).toBe("ok");
    expect(messages).toMatchObject([
      { role: "user", content: "First question", status: "complete" },
      { role: "assistant", status: "streaming" },
    ]);

    call.finish();
    expect(await reader.end()).toContain("event: done\n");
    expect((await readThread(server.url)).at(-1)?.status).toBe("complete");
  });

  test("a server that starts from the copy has its conversations", async () => {
    const first = await startChatporch(KEYS);
    await (await ask(first.url, "Remember me")).text();
    const copy = join(temporaryFolder(), "copy.db");
    expect((await runChatporch(["backup", copy], KEYS, first.folder)).exitCode).toBe(0);

    const second = await startChatporch({ ...KEYS, DATABASE_PATH: copy });
    const thread = await readThread(second.url);
    expect(thread.map(({ status }) => status)).toEqual(["complete", "complete"]);
    expect(thread[0]?.content).toBe("Remember me");
  });

  test("refuses to overwrite a file, and leaves it as it is", async () => {
    const { folder } = await startChatporch();
    const target = join(folder, "precious.txt");
    writeFileSync(target, "do not touch");
    const { exitCode, stdout, stderr } = await runChatporch(["backup", target], {}, folder);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^chatporch: .*exists.*\n$/);
    expect(stderr).not.toContain("    at ");
    expect(await Bun.file(target).text()).toBe("do not touch");
  });

  test("says that there is no database to copy", async () => {
    const folder = temporaryFolder();
    const target = join(folder, "copy.db");
    const { exitCode, stderr } = await runChatporch(["backup", target], {}, folder);
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/^chatporch: .*data\/chatporch\.db.*\n$/);
    expect(existsSync(target)).toBe(false);
  });
});
