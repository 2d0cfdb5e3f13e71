import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { KEYS } from "../../harness/chat-requests.ts";
import { answer, failure, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import {
  cleanUp,
  runChatporch,
  type Settings,
  startChatporch,
  temporaryFolder,
} from "../../harness/process.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
import { type OwnerChannels, startOwnerChannels } from "../support/owner-channels.ts";
import type { RunningProxy } from "../support/proxies.ts";

setDefaultTimeout(30_000);

let model: ModelServer | undefined;
let nginx: RunningProxy | undefined;
let channels: OwnerChannels | undefined;

afterEach(async () => {
  await nginx?.stop();
  nginx = undefined;
  await cleanUp();
  await model?.stop();
  model = undefined;
  await channels?.stop();
  channels = undefined;
});

const ORIGIN = "https://www.example.com";

/** Settings with which the doctor finds nothing wrong, and a model that answers. */
function settings(more: Settings = {}): Settings {
  model ??= startModelServer(answer("Ready."));
  return { ...KEYS, CORS_ORIGIN: ORIGIN, OPENAI_BASE_URL: model.url, ...more };
}

function doctor(env: Settings, folder: string, ...args: string[]) {
  return runChatporch(["doctor", ...args], env, folder);
}

describe("the doctor beside a running server", () => {
  test("finds nothing wrong with good settings, and changes nothing", async () => {
    channels = await startOwnerChannels();
    // Telegram is not on this machine.
    const noTelegram = { TELEGRAM_TOKEN: undefined, TELEGRAM_CHAT: undefined };
    const env = settings({ ...channels.env, ...noTelegram });
    const server = await startChatporch(env);
    const { stdout, exitCode } = await doctor(
      env,
      server.folder,
      "--url",
      server.url,
      "--idle",
      "1",
    );
    expect(stdout).toMatch(/^✓ settings +usable, for development: /m);
    expect(stdout).toMatch(/^✓ database +whole, schema \d+, /m);
    expect(stdout).toMatch(/^✓ disk +\d+\.\d GB free/m);
    expect(stdout).toMatch(/^✓ model +\S+ answers; first token after /m);
    expect(stdout).toMatch(/^✓ mail +smtp:\/\/127\.0\.0\.1:\d+ answers$/m);
    expect(stdout).toMatch(/^✓ webhook +127\.0\.0\.1:\d+ answers \(204\)$/m);
    expect(stdout).toMatch(/^✓ ntfy +127\.0\.0\.1:\d+ answers, and knows the token$/m);
    expect([...channels.mail.received, ...channels.ntfy.messages]).toEqual([]);
    expect(stdout).toMatch(/^✓ CORS +https:\/\/www\.example\.com may use this server$/m);
    expect(stdout).toMatch(/^✓ proxy +none seen; this request counts as 127\.0\.0\.1$/m);
    expect(stdout).toMatch(/^✓ streaming +chunks sent over 1\.0 s arrived over /m);
    expect(stdout).toMatch(/^✓ idle stream +stayed open for 1 s of silence/m);
    expect(stdout).toEndWith("\nAll is well.\n");
    expect(exitCode).toBe(0);
    for (const key of Object.values(KEYS)) expect(stdout).not.toContain(key);
    expect(await server.stop()).toBe(0);
  });

  test("names a TRUST_PROXY that lets anybody forge an address", async () => {
    const env = settings({ TRUST_PROXY: "1" });
    const server = await startChatporch(env);
    const { stdout, exitCode } = await doctor(
      env,
      server.folder,
      "--url",
      server.url,
      "--idle",
      "0",
    );
    expect(stdout).toMatch(/^✗ proxy +TRUST_PROXY is set, .*anybody can claim any address$/m);
    expect(exitCode).toBe(1);
  });

  test("names a server that runs with another ADMIN_API_KEY or another CORS_ORIGIN", async () => {
    const server = await startChatporch(settings());
    const other = settings({
      ADMIN_API_KEY: "another-admin-key-for-e2e-tests-0123",
      CORS_ORIGIN: "https://new.example.com",
    });
    const { stdout, exitCode } = await doctor(other, server.folder, "--url", server.url);
    expect(stdout).toMatch(/^✗ CORS +https:\/\/new\.example\.com is in CORS_ORIGIN/m);
    expect(stdout).toMatch(/^✗ address .*401\n +→ The running server has another ADMIN_API_KEY/m);
    expect(exitCode).toBe(1);
  });
});

describe("the doctor without a server", () => {
  test("says what is wrong with the settings, and prints none of their values", async () => {
    const env = { WIDGET_API_KEY: "too-short", PORT: "many" };
    const { stdout, exitCode } = await doctor(env, temporaryFolder());
    expect(stdout).toMatch(/^✗ settings +PORT must be .*\n +→ for example PORT=4000$/m);
    expect(stdout).toMatch(/^✗ settings +WIDGET_API_KEY /m);
    expect(stdout).not.toMatch(/too-short|many/);
    expect(exitCode).toBe(1);
  });

  test("says that nothing answers, that there is no database, and what the model says", async () => {
    model = startModelServer(() => failure(401));
    const folder = temporaryFolder();
    const { stdout, exitCode } = await doctor(settings(), folder, "--url", "http://127.0.0.1:9");
    expect(stdout).toMatch(/^! database +there is none at /m);
    expect(stdout).toMatch(
      /^✗ model +the model refused the key \(status 401 .*; it says: “upstream/m,
    );
    expect(stdout).toMatch(/→ Check OPENAI_API_KEY/);
    expect(stdout).toMatch(
      /^✗ address +http:\/\/127\.0\.0\.1:9 cannot be reached: nothing listens there$/m,
    );
    expect(exitCode).toBe(1);
  });

  test("says that a file is not a database", async () => {
    const folder = temporaryFolder();
    await Bun.write(
      join(folder, "data/chatporch.db"),
      "this is not a database, but text ".repeat(99),
    );
    const { stdout, exitCode } = await doctor(settings(), folder, "--url", "http://127.0.0.1:9");
    expect(stdout).toMatch(/^✗ database +data\/chatporch\.db cannot be read/m);
    expect(exitCode).toBe(1);
  });

  test("shows the help when --help follows the command", async () => {
    const { exitCode, stdout } = await doctor({}, temporaryFolder(), "--help");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("--idle SECONDS");
  });

  test.each([
    ["--url chat.example.com", "needs https:// (or http://) before the name"],
    ["--url ftp://example.com", "takes an https or http address"],
    ["--url", "--url"],
    ["--idle 241", "from 0 to 240"],
    ["--idle x", "from 0 to 240"],
    ["now", "now"],
  ])("refuses %s and says what is wrong with it", async (options, problem) => {
    const words = options.split(" ");
    const { exitCode, stdout, stderr } = await doctor({}, temporaryFolder(), ...words);
    expect([exitCode, stdout]).toEqual([64, ""]);
    expect(stderr).toStartWith("chatporch doctor: ");
    expect(stderr).toContain(problem);
  });
});

describe.skipIf(!hasNginx)("the doctor behind nginx", () => {
  const FORWARDED = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
  const HTTP = 'proxy_http_version 1.1; proxy_set_header Connection "";';

  test("names a time-out for silent streams, CORS headers of the proxy's own and a changed Host", async () => {
    const env = settings({ TRUST_PROXY: "1", DASHBOARD_PASSWORD: "password-for-e2e-tests" });
    const server = await startChatporch(env);
    nginx = await startNginx({
      location:
        `proxy_pass ${server.url}; ${HTTP} ${FORWARDED} proxy_read_timeout 1s; ` +
        "add_header Access-Control-Allow-Origin * always;",
    });
    const { stdout, exitCode } = await doctor(
      env,
      server.folder,
      "--url",
      nginx.url,
      "--idle",
      "5",
    );
    expect(stdout).toMatch(/^✗ idle stream +cut after 1 s; /m);
    expect(stdout).toMatch(
      /^✗ CORS +https:\/\/www\.example\.com gets .*, \*, which browsers refuse$/m,
    );
    expect(stdout).toMatch(/^✗ CORS +a foreign website is allowed/m);
    expect(stdout).toMatch(/^✗ dashboard +the proxy changes the Host header/m);
    expect(exitCode).toBe(1);
  });
});
