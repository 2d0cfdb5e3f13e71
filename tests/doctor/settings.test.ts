import { expect, test } from "bun:test";

import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { checkSettings } from "../../src/doctor/settings.ts";

const WELL: Env = {
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  CORS_ORIGIN: "https://www.example.com",
};

function marks(env: Env, address?: string): string[] {
  return checkSettings(
    loadConfig(env, () => ""),
    address,
  ).map(({ mark }) => mark);
}

test("the doctor warns when an https address is served in development", () => {
  expect(marks(WELL, "http://127.0.0.1:4000")).toEqual(["ok"]);
  expect(marks(WELL, "https://chat.example.com")).toEqual(["ok", "warning"]);
  const [, finding] = checkSettings(
    loadConfig(WELL, () => ""),
    "https://chat.example.com",
  );
  expect(finding?.mend).toContain("NODE_ENV=production");
});

test("the doctor repeats what the start warns of, and leaves hints to the dashboard", () => {
  expect(marks({})).toEqual(["ok", "warning"]);
  expect(marks({ ...WELL, CORS_ORIGINS: "x" })).toEqual(["ok", "warning"]);
});

test("the doctor names every wrong setting, and the file where that is wrong", () => {
  const problems = [
    { name: ".env", problem: "cannot be read: it is a folder" },
    { name: "PORT", problem: "must be a number", example: "4000" },
  ] as const;
  expect(checkSettings(new ConfigError(problems), undefined)).toEqual([
    {
      mark: "wrong",
      subject: "settings",
      says: ".env cannot be read: it is a folder",
      mend: undefined,
    },
    {
      mark: "wrong",
      subject: "settings",
      says: "PORT must be a number",
      mend: "for example PORT=4000",
    },
  ]);
});
