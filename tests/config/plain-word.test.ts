import { describe, expect, test } from "bun:test";

import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { readTextFile } from "../../src/config/text-file.ts";

function refusedNames(env: Env): string[] {
  try {
    loadConfig(env, readTextFile);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ name }) => name);
  }
  return [];
}

describe("a path that only a shell or a service manager could expand", () => {
  test.each([
    "~/chat.db",
    "~",
    "$HOME/chat.db",
    "${DATA}/chat.db",
    "/data/$NAME",
    "%d/chat.db",
    "%S/chatporch/chat.db",
    "file:data/chat.db",
    "sqlite:///data/chat.db",
    "/data/chat.db # the file",
    '"/data/chat.db" # the file',
    "“/data/chat.db”",
    "/data/chat.db\n/other.db",
  ])("(%j) is refused, because a file with exactly that name would be made", (value) => {
    expect(refusedNames({ DATABASE_PATH: value })).toEqual(["DATABASE_PATH"]);
    expect(refusedNames({ ADMIN_API_KEY_FILE: value })).toEqual(["ADMIN_API_KEY_FILE"]);
  });

  test.each([
    ":memory:",
    "/data/#1/chat.db",
    "data/50%.db",
    "a~b.db",
    "/mnt/Größe/chat 1.db",
    "5$.db",
  ])("is not seen in %j", (value) => {
    expect(refusedNames({ DATABASE_PATH: value })).toEqual([]);
  });
});

test.each(["gpt-6-luna # cheap", "‘llama3.2’", "llama3.2\nmore"])(
  "a model's name with anything else around it (%j) is refused",
  (value) => {
    expect(refusedNames({ OPENAI_MODEL: value })).toEqual(["OPENAI_MODEL"]);
  },
);

test.each([
  "llama3.2:8b",
  "hf.co/org/Model-GGUF:Q4_K_M",
  "ft:gpt-6-luna:org::x1",
  "~x",
  "@cf/meta/x",
])("%s is accepted as a model's name", (value) => {
  expect(refusedNames({ OPENAI_MODEL: value })).toEqual([]);
});
