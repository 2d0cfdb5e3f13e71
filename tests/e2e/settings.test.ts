import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runBinary, startBinary } from "../../harness/binary.ts";
import { KEYS } from "../../harness/chat-requests.ts";
import {
  cleanUp,
  runChatporch,
  type Settings,
  SOURCE,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";

setDefaultTimeout(30_000);
afterEach(cleanUp);

function startSource(settings: Settings, folder?: string) {
  return startChatporch(settings, folder, [], SOURCE);
}

function runSource(args: string[], settings: Settings, folder: string, under?: string[]) {
  return runChatporch(args, settings, folder, under, SOURCE);
}

/** The source, started by its path in a folder without our bunfig.toml, and the binary. */
const PROGRAMS = [
  ["the source", startSource, runSource],
  ["the binary", startBinary, runBinary],
] as const;

/** Root may read and write everything, so root runs these commands as the user nobody. */
const AS_NOBODY =
  process.geteuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

function folderWith(envFile: string | Uint8Array): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, ".env"), envFile);
  return folder;
}

/** A module that leaves a mark wherever a process loads it. */
function trapIn(folder: string): string {
  const module = join(folder, "trap.js");
  const mark = JSON.stringify(join(folder, "sprung"));
  writeFileSync(module, `require("node:fs").writeFileSync(${mark}, "")`);
  return module;
}

describe.each(PROGRAMS)("with a file .env, %s", (_name, start, run) => {
  test("takes its settings from the file", async () => {
    const folder = folderWith("NODE_ENV=development\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n");
    const server = await start({ NODE_ENV: undefined, OPENAI_MODEL: "dot" }, folder);
    expect(server.stderr.text()).toMatch(/model +dot\n/);
    expect(server.stderr.text()).toContain("NODE_ENV in .env says so");
  });

  test("runs no code and uses no proxy that the file names, whatever the command", async () => {
    const folder = temporaryFolder();
    const trap = trapIn(folder);
    const lines = [
      `BUN_OPTIONS=--preload=${trap}`,
      `NODE_OPTIONS=--require=${trap}`,
      `BUN_INSPECT=ws://127.0.0.1:9/x`,
      `BUN_INSPECT_PRELOAD=${trap}`,
      "LD_PRELOAD=/nowhere/evil.so",
      "BUN_CONFIG_VERBOSE_FETCH=curl",
      "BUN_CONFIG_MAX_HTTP_REQUESTS=1",
      "HTTP_PROXY=http://127.0.0.1:9",
      "NO_COLOR=1",
    ];
    writeFileSync(join(folder, ".env"), lines.join("\n"));
    const server = await start({ NODE_ENV: "development" }, folder);
    const environ = await Bun.file(`/proc/${server.pid}/environ`).text();
    for (const line of lines) expect(environ).not.toContain(line);
    expect(server.stderr.text()).not.toContain("LD_PRELOAD");
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    await server.stop();

    const { exitCode, stderr } = await run(["openapi"], { NODE_ENV: "development" }, folder);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(existsSync(join(folder, "sprung"))).toBe(false);
  });

  test.each([
    ["that is a folder", (folder: string) => mkdirSync(join(folder, ".env")), "a folder"],
    [
      "with NUL bytes",
      (folder: string) => writeFileSync(join(folder, ".env"), "PORT=1\0"),
      "NUL bytes",
    ],
    [
      "with a quote that is not closed",
      (folder: string) => writeFileSync(join(folder, ".env"), "\nADMIN_API_KEY='secret"),
      "line 2",
    ],
  ])("does not start when .env is a file %s, and says why", async (_kind, spoil, reason) => {
    const folder = temporaryFolder();
    spoil(folder);
    const { exitCode, stdout, stderr } = await run([], { NODE_ENV: "development" }, folder);
    expect(exitCode).toBe(78);
    expect(stderr).toContain(`  .env: `);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("secret");
    expect(stdout).toBe("");
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  test("reads a file that PowerShell wrote, including NODE_ENV=production", async () => {
    const folder = folderWith(
      Buffer.from("\ufeffNODE_ENV=production\r\nCORS_ORIGIN=*\r\n", "utf16le"),
    );
    const { exitCode, stderr } = await run([], { NODE_ENV: undefined }, folder);
    expect(exitCode).toBe(78);
    expect(stderr).toContain("CORS_ORIGIN: must name your websites in production");
  });

  test("does not start when it may not read the file, and names the user that it runs as", async () => {
    const folder = folderWith("PORT=1\n");
    chmodSync(join(folder, ".env"), 0o000);
    chmodSync(folder, 0o755);
    const { exitCode, stderr } = await run([], { NODE_ENV: "development" }, folder, AS_NOBODY);
    expect(exitCode).toBe(78);
    expect(stderr).toMatch(/\.env: cannot be read: .*uid \d+.* may not read it/);
  });
});

describe("without NODE_ENV", () => {
  test("the binary runs for production, says so, and says how to try it", async () => {
    const { exitCode, stderr } = await runBinary([], { NODE_ENV: undefined, CORS_ORIGIN: "*" });
    expect(exitCode).toBe(78);
    expect(stderr).toContain("CORS_ORIGIN: must name your websites in production");
    expect(stderr).toContain("NODE_ENV is not set, and the compiled binary means production");
    expect(stderr).toContain("NODE_ENV=development");
  });

  test("the binary with safe settings starts as production", async () => {
    const server = await startBinary({
      ...KEYS,
      NODE_ENV: undefined,
      HOST: "127.0.0.1",
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      CORS_ORIGIN: "https://www.example.com",
    });
    expect(server.stderr.text()).toContain("(production)");
    expect(server.stderr.text()).toContain("this is the compiled binary");
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });

  test("the source runs for development, and says so", async () => {
    const server = await startSource({});
    expect(server.stderr.text()).toContain("(development)");
    expect(server.stderr.text()).toContain("this runs from source");
  });
});

describe("a DATABASE_PATH that cannot be used", () => {
  /** Makes the trouble in an empty folder. @returns the path, and what the message has to contain */
  type Trouble = (folder: string) => { path: string; says: string };

  const TROUBLES: readonly (readonly [string, Trouble])[] = [
    [
      "that is a folder",
      (folder) => {
        mkdirSync(join(folder, "data"));
        return { path: "data", says: "it is a folder" };
      },
    ],
    ["that would be a folder", () => ({ path: "data/", says: "name a file in it" })],
    ["that is a device", () => ({ path: "/dev/null", says: "it is a device" })],
    [
      "in a folder that is a file",
      (folder) => {
        writeFileSync(join(folder, "data"), "");
        return { path: "data/more/chat.db", says: "data is a file, not a folder" };
      },
    ],
    [
      "in a folder that it may not write in",
      (folder) => {
        mkdirSync(join(folder, "data"), { mode: 0o555 });
        return { path: "data/chat.db", says: "may not make files in data" };
      },
    ],
    [
      "in a folder that cannot be made",
      (folder) => {
        mkdirSync(join(folder, "var"), { mode: 0o555 });
        return { path: "var/lib/chat.db", says: "may not make a folder in var" };
      },
    ],
    [
      "that may not be written",
      (folder) => {
        mkdirSync(join(folder, "data"));
        chmodSync(join(folder, "data"), 0o777);
        writeFileSync(join(folder, "data/chat.db"), "", { mode: 0o444 });
        return { path: "data/chat.db", says: "may not read and write data/chat.db" };
      },
    ],
  ];

  test.each(TROUBLES)(
    "(%s) is named with the reason, and nothing is changed",
    async (_name, make) => {
      const folder = temporaryFolder();
      chmodSync(folder, 0o755);
      const { path, says } = make(folder);
      const before = readdirSync(folder, { recursive: true });
      const settings = { NODE_ENV: "development", DATABASE_PATH: path };
      for (const command of ["serve", "doctor"]) {
        const { exitCode, stdout, stderr } = await runBinary(
          [command],
          settings,
          folder,
          AS_NOBODY,
        );
        expect(exitCode).toBe(command === "serve" ? 78 : 1);
        expect(stdout + stderr).toContain(`The database ${path} cannot be used: `);
        expect(stdout + stderr).toContain(says);
        if (says.includes("may not"))
          expect(stdout + stderr).toMatch(/user .+ \(uid \d+\) may not/);
        expect(stderr).not.toContain("    at ");
      }
      expect(readdirSync(folder, { recursive: true })).toEqual(before);
    },
  );

  test("is not confused with a backup that cannot be written or read", async () => {
    const { folder, stop } = await startBinary({ NODE_ENV: "development" });
    await stop();
    const run = (...words: string[]) => runBinary(words, { NODE_ENV: "development" }, folder);
    expect((await run("backup", "data")).stderr).toContain("data exists already");
    expect((await run("backup", "nowhere/copy.db")).stderr).toContain("nowhere");
    expect((await run("restore", "data", "--force")).stderr).toContain("data is a folder");
    expect((await run("restore", "nowhere.db", "--force")).stderr).toContain("There is no file");
  });
});
