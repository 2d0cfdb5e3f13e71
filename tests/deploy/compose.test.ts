import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { temporaryFolder } from "../../harness/process.ts";
import { isSettingName } from "../../src/config/groups.ts";
import { loadConfig } from "../../src/config/load.ts";
import { hasDeployTool, runDeployTool } from "../support/deploy-tools.ts";
import { hasProxy } from "../support/proxies.ts";

/** Checks what can be checked of the compose files without Docker. */

const ROOT = join(import.meta.dir, "../..");
const textOf = (path: string) => Bun.file(join(ROOT, path)).text();

interface Service {
  readonly image: string;
  readonly hostname?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly stop_grace_period?: string;
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const readCompose = async (path: string) => Bun.YAML.parse(await textOf(path)) as Compose;
const compose = await readCompose("compose.scale.yml");
const single = await readCompose("compose.yml");
const replicas = Object.entries(compose.services).filter(([, { image }]) => image === "chatporch");
const [, replica] = replicas[0] ?? [];
if (replica === undefined) throw new Error("compose.scale.yml has no chatporch.");
const environment = replica.environment ?? {};

/** Runs the commands of a page that make the secrets. Returns the folder with their files. */
async function makeSecrets(path = "docs/scaling.md"): Promise<string> {
  const page = await textOf(path);
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
});

describe("compose.yml", () => {
  const { chatporch, caddy } = single.services;
  const settings = chatporch?.environment ?? {};

  test("names secrets that are declared, each of which is used, and made by the commands of docs/running.md", async () => {
    expect(new Set(chatporch?.secrets)).toEqual(new Set(Object.keys(single.secrets)));
    const files = Object.values(single.secrets).map(({ file }) => basename(file));
    expect(readdirSync(await makeSecrets("docs/running.md")).toSorted()).toEqual(files.toSorted());
  });

  test.each([
    ["OpenAI", { OPENAI_BASE_URL: "", OPENAI_MODEL: "" }],
    ["Ollama", { OPENAI_BASE_URL: "http://ollama:11434/v1", OPENAI_MODEL: "llama3.2" }],
  ])(
    "has settings with which production starts without a warning, with %s",
    async (_who, model) => {
      expect(Object.keys(settings).filter((name) => !isSettingName(name))).toEqual([]);
      const given = {
        CORS_ORIGIN: "https://www.example.com",
        PUBLIC_URL: "https://chat.example.com",
        ...model,
      };
      const secrets = await makeSecrets("docs/running.md");
      const { config, advice } = loadConfig(
        { NODE_ENV: "production", ...settings, ...given },
        (path) => readFileSync(path.replace("/run/secrets", secrets), "utf8"),
      );
      expect(advice).toEqual([]);
      expect(Number.parseInt(chatporch?.stop_grace_period ?? "", 10) * 1000).toBeGreaterThan(
        config.server.drainDelayMs + config.server.shutdownGraceMs,
      );
    },
  );

  test("asks for the name of the chat and for the website before anything starts", () => {
    expect(settings.PUBLIC_URL).toStartWith("https://${CHAT_DOMAIN:?");
    expect(settings.CORS_ORIGIN).toStartWith("${CORS_ORIGIN:?");
  });

  test("has a Caddyfile that leads to the port of the image", async () => {
    expect(caddy?.volumes).toContain("./deploy/Caddyfile:/etc/caddy/Caddyfile:ro");
    const image = await textOf("Dockerfile");
    const [, port = "none"] = /^EXPOSE (\d+)$/m.exec(image) ?? [];
    expect(await textOf("deploy/Caddyfile")).toContain(`reverse_proxy chatporch:${port}\n`);
  });
});

/** Opinions of dclint that these files do not share: an owner builds the image, and everybody may visit. */
const OPINIONS = [
  "no-build-and-image",
  "no-unbound-port-interfaces",
  "service-image-require-explicit-tag",
];

describe.if(hasDeployTool("dclint"))("the schema of Compose", () => {
  test("is kept by compose.yml and compose.scale.yml", () => {
    const files = ["compose.yml", "compose.scale.yml"].map((path) => join(ROOT, path));
    const without = OPINIONS.flatMap((rule) => ["--disable-rule", rule]);
    expect(runDeployTool("dclint", ["--quiet", ...files, ...without])).toMatchObject({
      exitCode: 0,
    });
  });
});

describe.if(hasProxy("Caddy"))("Caddy", () => {
  test("understands deploy/Caddyfile", () => {
    const { exitCode } = Bun.spawnSync(
      ["caddy", "validate", "--adapter", "caddyfile", "--config", join(ROOT, "deploy/Caddyfile")],
      { env: { ...process.env, CHAT_DOMAIN: "chat.example.com", HOME: temporaryFolder() } },
    );
    expect(exitCode).toBe(0);
  });
});
