import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { cleanUp, SOURCE, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { hasDeployTool, runDeployTool } from "../support/deploy-tools.ts";

/** The units for systemd. What needs a systemd that runs is not tried here. */

const DEPLOY = resolve(import.meta.dir, "../../deploy");
const SERVICES = ["chatporch.service", "chatporch-backup.service"];
const UNITS = [...SERVICES, "chatporch-backup.timer"];
const PROGRAM = "/usr/local/bin/chatporch";
const DAY_MS = 24 * 60 * 60 * 1000;

const textOf = (unit: string) => readFileSync(join(DEPLOY, unit), "utf8");

/** The values of a key, in their order. */
function valuesOf(unit: string, key: string): string[] {
  return Array.from(textOf(unit).matchAll(new RegExp(`^${key}=(.*)$`, "gm")), ([, value = ""]) =>
    value.trim(),
  );
}

afterEach(cleanUp);

describe.if(hasDeployTool("systemd-analyze"))("systemd-analyze", () => {
  test("finds nothing to say about the units", () => {
    const folder = temporaryFolder();
    for (const unit of UNITS) {
      // The program need not be installed here.
      const text = textOf(unit).replaceAll(PROGRAM, process.execPath);
      writeFileSync(join(folder, unit), text);
    }
    expect(runDeployTool("systemd-analyze", ["verify", "--man=no", ...UNITS], folder)).toEqual({
      exitCode: 0,
      said: "",
    });
  });

  test.each(SERVICES)("counts %s among the services that are exposed least", (unit) => {
    const { said } = runDeployTool("systemd-analyze", [
      "security",
      "--offline=true",
      join(DEPLOY, unit),
    ]);
    const [, level = "10"] = /Overall exposure level for \S+: ([\d.]+)/.exec(said) ?? [];
    expect(Number(level)).toBeLessThan(3);
  });
});

describe("chatporch.service", () => {
  test("gives the server longer to stop than it takes by its default settings", () => {
    const [seconds = "0"] = valuesOf("chatporch.service", "TimeoutStopSec");
    expect(Number(seconds) * 1000).toBeGreaterThan(10_000);
  });

  test("has a watchdog, and a type that tells systemd when the server is ready", () => {
    expect(valuesOf("chatporch.service", "Type")).toEqual(["notify"]);
    expect(valuesOf("chatporch.service", "WatchdogSec")).toEqual(["30"]);
  });

  test("does not restart a server whose settings are wrong", () => {
    expect(valuesOf("chatporch.service", "RestartPreventExitStatus")).toEqual(["78"]);
  });
});

/** Runs a command of the backup's unit as systemd does: with its specifiers, dollars and variables replaced. */
function runCommand(key: string, folder: string, state: string): number {
  const [command = ""] = valuesOf("chatporch-backup.service", key);
  const words = command
    .replaceAll("%%", "%")
    .replaceAll("$$", "$")
    .replaceAll("${STATE_DIRECTORY}", state)
    .replaceAll(PROGRAM, SOURCE.join(" "));
  const env = { PATH: process.env.PATH ?? "", STATE_DIRECTORY: state, NODE_ENV: "development" };
  return Bun.spawnSync(["sh", "-c", words], { cwd: folder, env }).exitCode;
}

describe("chatporch-backup.service", () => {
  test("copies the database while the server runs, and deletes copies of two weeks ago", async () => {
    const server = await startChatporch();
    const state = join(temporaryFolder(), "backups");
    mkdirSync(state);
    const [old, recent, other] = ["chatporch-1.db", "chatporch-2.db", "notes.txt"];
    for (const [name, days] of [
      [old, 15],
      [recent, 12],
      [other, 15],
    ] as const) {
      writeFileSync(join(state, name ?? ""), "");
      const at = new Date(Date.now() - days * DAY_MS);
      utimesSync(join(state, name ?? ""), at, at);
    }
    expect(runCommand("ExecStart", server.folder, state)).toBe(0);
    expect(runCommand("ExecStartPost", server.folder, state)).toBe(0);
    const copies = readdirSync(state).filter((name) => /^chatporch-\d{8}T\d{6}Z\.db$/.test(name));
    expect(copies).toHaveLength(1);
    expect(readdirSync(state).toSorted()).toEqual([...copies, recent, other].toSorted());
    await server.stop();
  });
});
