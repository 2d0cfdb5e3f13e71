import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { parseEnvFile } from "../../src/config/env-file.ts";
import { GROUPS, namesOf, SETTING_NAMES, settingsInForce } from "../../src/config/groups.ts";
import { loadConfig } from "../../src/config/load.ts";
import { type Env, SettingReader } from "../../src/config/setting-reader.ts";

const ROOT = join(import.meta.dir, "../..");
const read = (name: string) => Bun.file(join(ROOT, name)).text();
/** Without the names in _FILE, which docs/settings.md describes once for all secrets. */
const NAMES = SETTING_NAMES.filter((name) => !name.endsWith("_FILE"));

describe("every setting", () => {
  test("has a row in the table of docs/settings.md", async () => {
    const table = (await read("docs/settings.md"))
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    for (const name of NAMES) {
      expect([name, table.some((row) => row.includes(`\`${name}\``))]).toEqual([name, true]);
    }
  });

  test("whose row has a plain default has that default in the code", async () => {
    const { config } = loadConfig({ OPENAI_API_KEY: "sk-0123456789" }, () => "");
    const shown = new Map(settingsInForce(config).map(({ name, value }) => [name, value]));
    const rows = (await read("docs/settings.md")).matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm);
    const documented = Array.from(rows, ([, name = "", value = ""]) => [name, value] as const);
    expect(documented.length).toBeGreaterThan(12);
    for (const [name, value] of documented) expect([name, shown.get(name)]).toEqual([name, value]);
  });

  test("has a line in .env.example", async () => {
    const example = await read(".env.example");
    for (const name of NAMES) {
      expect([name, new RegExp(`^# ${name}=`, "m").test(example)]).toEqual([name, true]);
    }
  });

  test.each(Object.entries(GROUPS))(
    "of the group %s is read by that group, and by no other",
    (_, group) => {
      const asked = new Set<string>();
      const env = new Proxy<Env>({}, { get: (_env, name) => void asked.add(String(name)) });
      group.read(new SettingReader(env, () => ""), "development");
      expect(Array.from(asked).toSorted()).toEqual(namesOf(group).toSorted());
    },
  );

  test("that can come from a file is named in docs/settings.md", async () => {
    const text = await read("docs/settings.md");
    for (const name of SETTING_NAMES.filter((each) => each.endsWith("_FILE"))) {
      expect(text).toContain(`\`${name.replace("_FILE", "")}\``);
    }
  });
});

test(".env.example changes nothing when it is copied unedited, also for systemd or Docker", async () => {
  expect(parseEnvFile(await read(".env.example"))).toEqual([]);
});

test("every line of .env.example can be read once its # is removed", async () => {
  const lines = (await read(".env.example")).replaceAll(/^# (?=[A-Z_]+=)/gm, "");
  const found = parseEnvFile(lines);
  expect(found.filter(({ kind }) => kind === "problem")).toEqual([]);
  expect(found.length).toBeGreaterThan(20);
});
