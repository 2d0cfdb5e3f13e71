import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { temporaryFolder } from "../../harness/process.ts";
import { secretsOf } from "../../src/config/config.ts";
import { databasePlace } from "../../src/config/database.ts";
import { settingsInForce } from "../../src/config/groups.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { redisPlace } from "../../src/config/replicas.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { readTextFile } from "../../src/config/text-file.ts";

const load = (env: Env) => loadConfig(env, readTextFile);

function problemsOf(env: Env): readonly string[] {
  try {
    load(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ name, problem }) => `${name} ${problem}`);
  }
  return [];
}

const DATABASE_URL = "postgres://chat:s3cret%40word@db.internal:6432/chat?sslmode=require";
const REDIS_URL = "rediss://default:0ther-word@cache.internal/2";

describe("the address of a PostgreSQL database", () => {
  test.each([
    ["postgres://user@db/chat", "PostgreSQL at db:5432/chat"],
    [DATABASE_URL, "PostgreSQL at db.internal:6432/chat"],
    ["postgresql://u:p@[::1]/chat?prepare=false", "PostgreSQL at [::1]:5432/chat"],
    ["postgres:///chat?host=/var/run/postgresql", "PostgreSQL at /var/run/postgresql/chat"],
    ["postgres://u@%2Fvar%2Frun/chat", "PostgreSQL at /var/run/chat"],
  ])("%s is shown as %s", (url, place) => {
    const { config } = load({ DATABASE_URL: url });
    expect(config.database.url).toBe(url);
    expect(databasePlace(config.database)).toBe(place);
  });

  test.each([
    ["mysql://u:canary@db/chat", "must begin with postgres:// or postgresql://"],
    ["db.internal:5432/chat", "must begin with postgres:// or postgresql://"],
    ["postgres://u:canary@one:5432,two:5432/chat", "names several servers"],
    ["postgres://u:canary@one,two/chat", "names several servers"],
    ["postgres://u:canary@db/chat?target_session_attrs=read-write", "target_session_attrs"],
    ["postgres://u:canary@db/chat?sslmode=full", "sslmode"],
    ["postgres://u:canary@db", "names no database"],
    ["postgres://u:canary@db/", "names no database"],
    ["postgres:///chat", "names no host"],
    ["postgres://u:canary@db:0/chat", "names port 0"],
    ["postgres://u:canary@db:99999/chat", "a port up to 65535"],
    ["postgres://u:canary@[::1:5432/chat", "an IPv6 address in brackets"],
    ["postgres://u:canary@/chat?host=/var/run/postgresql", "the folder of a unix socket as a host"],
    ["postgres://u:can#ary@db/chat", "write # as %23"],
    ["postgres://u:1/canary@db/chat", "/ as %2F"],
    ["postgres://u:can%ary@db/chat", "% as %25"],
    ["postgres://u:can ary@db/chat", "a space as %20"],
  ])("%s is refused, and is not repeated", (url, reason) => {
    const [problem, ...others] = problemsOf({ DATABASE_URL: url });
    expect(others).toEqual([]);
    expect(problem).toStartWith("DATABASE_URL ");
    expect(problem).toContain(reason);
    expect(problem).not.toMatch(/can.?ary/);
  });

  test("may have a comma in its password", () => {
    expect(problemsOf({ DATABASE_URL: "postgres://u:a,b@db/chat" })).toEqual([]);
  });

  test("can be in a file", async () => {
    const path = join(temporaryFolder(), "url");
    await Bun.write(path, `${DATABASE_URL}\n`);
    expect(load({ DATABASE_URL_FILE: path }).config.database.url).toBe(DATABASE_URL);
  });
});

describe("the address of a Redis server", () => {
  test.each([
    ["redis://localhost", "localhost:6379"],
    ["valkey://:word@cache:6380/1", "cache:6380/1"],
    ["valkeys://cache", "cache:6379"],
    [REDIS_URL, "cache.internal:6379/2"],
  ])("%s is shown as %s", (url, place) => {
    const { redisUrl = "" } = load({ DATABASE_URL, REDIS_URL: url }).config.replicas;
    expect([redisUrl, redisPlace(redisUrl)]).toEqual([url, place]);
  });

  test.each([
    ["cache:6379", "must begin with redis://, rediss://, valkey:// or valkeys://"],
    ["redis-sentinel://u:canary@cache", "must begin with"],
    ["redis://one:6379,two:6379", "names several servers"],
    ["redis://cache/chat", "is not the number of a database"],
    ["redis://", "names no host"],
  ])("%s is refused, and is not repeated", (url, reason) => {
    const [problem, ...others] = problemsOf({ DATABASE_URL, REDIS_URL: url });
    expect(others).toEqual([]);
    expect(problem).toStartWith("REDIS_URL ");
    expect(problem).toContain(reason);
    expect(problem).not.toContain("canary");
  });

  test("is refused without DATABASE_URL, because a SQLite file belongs to one server", () => {
    expect(problemsOf({ REDIS_URL })).toEqual([
      expect.stringContaining("DATABASE_URL is required"),
    ]);
    // One mistake is reported once.
    expect(problemsOf({ REDIS_URL, DATABASE_URL: "db" })).toHaveLength(1);
  });
});

describe("the addresses of servers with their passwords", () => {
  const { config } = load({ DATABASE_URL, REDIS_URL });

  test("are shown in the settings without users and passwords", () => {
    const shown = settingsInForce(config);
    expect(shown).toContainEqual({ name: "DATABASE_URL", value: "db.internal:6432/chat" });
    expect(shown).toContainEqual({ name: "REDIS_URL", value: "cache.internal:6379/2" });
    expect(shown).toContainEqual({ name: "DATABASE_PATH", value: "not used" });
    expect(JSON.stringify(shown)).not.toMatch(/s3cret|0ther/);
  });

  test("have their passwords masked in the log, as they are and as they are written", () => {
    expect(secretsOf(config)).toEqual(["s3cret%40word", "s3cret@word", "0ther-word"]);
  });

  test("share no password with a key that visitors can read", () => {
    const key = "k5R8zQ1mW7xT3vB9nC4pL6s2";
    const [problem, ...others] = problemsOf({
      DATABASE_URL: `postgres://chat:${key}@db/chat`,
      WIDGET_API_KEY: key,
    });
    expect(others).toEqual([]);
    expect(problem).toContain("shares a value with DATABASE_URL");
  });
});

describe("a setting that is for the other kind of database", () => {
  test.each([
    ["DATABASE_PATH", { DATABASE_URL, DATABASE_PATH: "data/chatporch.db" }],
    ["DATABASE_SYNC", { DATABASE_URL, DATABASE_SYNC: "full" }],
    ["DATABASE_CONNECTIONS", { DATABASE_CONNECTIONS: "4" }],
  ])("(%s) has advice that it has no effect", (name, env) => {
    const { advice } = load(env);
    expect(advice).toMatchObject([{ id: "unused-setting", severity: "hint" }]);
    expect(advice[0]?.says).toStartWith(name);
  });

  test("is not there where the settings fit", () => {
    expect(load({ DATABASE_URL, DATABASE_CONNECTIONS: "4" }).advice).toEqual([]);
    expect(load({ DATABASE_PATH: "chat.db", DATABASE_SYNC: "full" }).advice).toEqual([]);
  });
});
