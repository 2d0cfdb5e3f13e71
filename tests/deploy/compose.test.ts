import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { temporaryFolder } from "../../harness/process.ts";
import { isSettingName } from "../../src/config/groups.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createTestApp } from "../support/test-app.ts";

/** Checks what can be checked of compose.scale.yml without Docker. */

const ROOT = join(import.meta.dir, "../..");
const textOf = (path: string) => Bun.file(join(ROOT, path)).text();

interface Service {
  readonly image: string;
  readonly hostname?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
}

const compose = Bun.YAML.parse(await textOf("compose.scale.yml")) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const replicas = Object.entries(compose.services).filter(([, { image }]) => image === "chatporch");
const [, replica] = replicas[0] ?? [];
if (replica === undefined) throw new Error("compose.scale.yml has no chatporch.");
const environment = replica.environment ?? {};

/** Runs the commands of docs/scaling.md that make the secrets. Returns the folder with their files. */
async function makeSecrets(): Promise<string> {
  const page = await textOf("docs/scaling.md");
  const commands = /```sh\n(mkdir -m 700 secrets\n[^`]*?)```/.exec(page)?.[1] ?? "exit 1";
  const cwd = temporaryFolder();
  const stdin = Buffer.from("sk-Vc5Xz8Qm2Wn7\n");
  const { exitCode } = Bun.spawnSync(["bash", "-c", commands], { cwd, stdin });
  expect(exitCode).toBe(0);
  return join(cwd, "secrets");
}

describe("compose.scale.yml", () => {
  test("gives every replica the same settings, all of which exist", () => {
    expect(replicas.length).toBe(3);
    for (const [hostname, each] of replicas) expect(each).toEqual({ ...replica, hostname });
    expect(Object.keys(environment).filter((name) => !isSettingName(name))).toEqual([]);
  });

  test("has settings with which production starts without a warning", async () => {
    const required = {
      CORS_ORIGIN: "https://www.example.com",
      PUBLIC_URL: "https://chat.example.com",
    };
    const env = { NODE_ENV: "production", ...environment, ...required };
    const secrets = await makeSecrets();
    const { config, advice } = loadConfig(env, (path) =>
      readFileSync(path.replace("/run/secrets", secrets), "utf8"),
    );
    expect(advice).toEqual([]);
    const { drainDelayMs, shutdownGraceMs } = config.server;
    expect(Number.parseInt(replica.stop_grace_period ?? "", 10) * 1000).toBeGreaterThan(
      drainDelayMs + shutdownGraceMs,
    );
  });

  test("names secrets that are declared, each of which is used, and made by the commands of docs/scaling.md", async () => {
    const used = Object.values(compose.services).flatMap(({ secrets = [] }) => secrets);
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)));
    const files = Object.values(compose.secrets).map(({ file }) => basename(file));
    expect(readdirSync(await makeSecrets()).toSorted()).toEqual(files.toSorted());
  });

  test("drains for as long as HAProxy takes to see it, and HAProxy knows every replica", async () => {
    const haproxy = await textOf("deploy/haproxy.cfg");
    const listed = haproxy.matchAll(/^ *server (\S+) \1:4000$/gm);
    const known = Array.from(new Set(Array.from(listed, ([, name]) => name)));
    expect(known).toEqual(replicas.map(([name]) => name));
    const [, seconds = "", failures = ""] = /inter (\d+)s .*fall (\d+)/.exec(haproxy) ?? [];
    expect(Number(environment.DRAIN_DELAY_MS)).toBeGreaterThanOrEqual(
      Number(seconds) * Number(failures) * 1000,
    );
  });

  test("has a health check that a ready replica passes, and a stopping one does not", async () => {
    const app = createTestApp();
    const port = new URL(app.listen()).port;
    const command = (replica.healthcheck?.test ?? [])
      .slice(1)
      .map((word) => word.replace("/4000;", `/${port};`));
    const check = () => Bun.spawn([...command], { stderr: "ignore" }).exited;
    expect(await check()).toBe(0);
    await app.chat.drain(0);
    expect(await check()).not.toBe(0);
    await app.close();
  });
});
