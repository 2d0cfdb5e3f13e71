import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { ConfigError } from "../../src/config/problems.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { createSources } from "../../src/config/sources.ts";
import { createLogger } from "../../src/runtime/logger.ts";
import { OwnerSettings } from "../../src/settings/owner-settings.ts";
import type { SettingsStore } from "../../src/store/settings-store.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { StoreUnavailableError } from "../../src/store/unavailable.ts";
import { FakeClock } from "../support/fake-clock.ts";

const BY = { by: "the dashboard" };

let store: Store;
let lines: string[];

beforeEach(() => {
  store = openSqliteStore(":memory:");
  lines = [];
});
afterEach(() => store.close());

/** The settings of a process that starts with this environment on the store. */
async function start(
  env: Env = {},
  dotEnv: Record<string, string> = {},
  from: SettingsStore = store,
): Promise<OwnerSettings> {
  const log = createLogger({
    level: "debug",
    format: "json",
    secrets: () => [],
    write: (line) => lines.push(line),
    now: new FakeClock().now,
  });
  const options = {
    dotEnv: { values: dotEnv, problems: [], advice: [], isReadableByOthers: false },
  };
  const sources = createSources(env, () => "from a file", options);
  return new OwnerSettings(
    { store: from, sources, log, now: new FakeClock().now },
    await store.readSettings(),
  );
}

/** As an older version with other rules may have done. */
async function storeUnchecked(values: Record<string, string>): Promise<void> {
  const change = { values, madeKeys: [], revokedKeys: [], instructions: undefined, audit: [] };
  await store.changeSettings({ ...change, expectedVersion: 0, at: 1, by: "an older version" });
}

function find(settings: OwnerSettings, name: string) {
  return settings.list().find((setting) => setting.name === name);
}

async function problemsOf(settings: OwnerSettings, texts: Record<string, string>) {
  const outcome = await settings.change(texts, BY);
  return outcome.kind === "refused" ? outcome.problems.map(({ name }) => name) : outcome.kind;
}

describe("a setting that the owner changes", () => {
  test("is in force when the promise resolves, and after a restart", async () => {
    const settings = await start();
    const changed = await settings.change({ SYSTEM_PROMPT: " Be kind.\r\nAlways. " }, BY);
    expect(changed).toEqual({ kind: "changed", settings: ["SYSTEM_PROMPT"] });
    expect(settings.config.assistant.systemPrompt).toBe("Be kind.\nAlways.");
    expect((await start()).config.assistant.systemPrompt).toBe("Be kind.\nAlways.");
  });

  test("has its default again when an empty text is entered", async () => {
    const settings = await start();
    const { systemPrompt } = settings.config.assistant;
    await settings.change({ SYSTEM_PROMPT: "Be kind." }, BY);
    await settings.change({ SYSTEM_PROMPT: "" }, BY);
    expect(settings.config.assistant.systemPrompt).toBe(systemPrompt);
    expect(await store.readSettings()).toMatchObject({ version: 2, values: {} });
  });

  test("leaves no trace when it is so already", async () => {
    const settings = await start();
    await settings.change({ MAX_OUTPUT_TOKENS: "99" }, BY);
    const again = await settings.change({ MAX_OUTPUT_TOKENS: " 99", RETENTION_DAYS: "" }, BY);
    expect(again).toEqual({ kind: "changed", settings: [] });
    expect(settings.version).toBe(1);
  });

  test("is checked as a start checks it, and nothing of a wrong change is stored", async () => {
    const settings = await start();
    const texts = { MAX_OUTPUT_TOKENS: "many", CORS_ORIGIN: "https://a.example/path" };
    const wrong = await settings.change({ ...texts, SYSTEM_PROMPT: "Fine." }, BY);
    expect(wrong).toMatchObject({
      kind: "refused",
      problems: [
        { name: "MAX_OUTPUT_TOKENS", problem: "must be a whole number from 1 to 1000000" },
        { name: "CORS_ORIGIN" },
      ],
    });
    expect(settings.version).toBe(0);
    expect(settings.config.assistant.maxOutputTokens).toBe(1024);
  });

  test("is refused when it is none, is too long, or has characters that cannot be shown", async () => {
    const settings = await start();
    expect(await problemsOf(settings, { DATABASE_PATH: "/x", NONSENSE: "1" })).toEqual([
      "DATABASE_PATH",
      "NONSENSE",
    ]);
    expect(await problemsOf(settings, { SYSTEM_PROMPT: "a".repeat(100_001) })).toEqual([
      "SYSTEM_PROMPT",
    ]);
    expect(await problemsOf(settings, { WIDGET_TITLE: "a\0b" })).toEqual(["WIDGET_TITLE"]);
    expect(await problemsOf(settings, { WIDGET_PRIVACY_URL: "http://example.com" })).toEqual([
      "WIDGET_PRIVACY_URL",
    ]);
  });

  test("is refused when somebody else has changed it since the owner has seen it, and not when he has changed another", async () => {
    const [one, other] = [await start(), await start()];
    await one.change({ WIDGET_TITLE: "One" }, BY);
    const late = await other.change({ WIDGET_TITLE: "Other" }, { ...BY, seen: 0 });
    expect(late).toEqual({ kind: "outdated", settings: ["WIDGET_TITLE"] });
    const beside = await other.change({ WIDGET_SUBTITLE: "Other" }, { ...BY, seen: 0 });
    expect(beside.kind).toBe("changed");
    expect(other.config.widget).toMatchObject({ title: "One", subtitle: "Other" });
  });

  test("is kept beside the simultaneous changes of another process", async () => {
    const [one, other] = [await start(), await start()];
    await Promise.all([
      one.change({ WIDGET_TITLE: "One" }, BY),
      other.change({ WIDGET_SUBTITLE: "Other" }, BY),
      one.change({ WIDGET_COLOR: "#ABC" }, BY),
    ]);
    await other.refresh();
    expect(other.version).toBe(3);
    expect(other.config.widget).toMatchObject({ title: "One", subtitle: "Other", color: "#abc" });
  });
});

describe("a change on a database that fails", () => {
  /** The store, whose answers to changes the test replaces. */
  function failing(change: (done: boolean) => boolean | Promise<never>): SettingsStore {
    return {
      readSettings: () => store.readSettings(),
      changeSettings: async (changed) => change(await store.changeSettings(changed)),
      listAudit: (limit) => store.listAudit(limit),
      listInstructions: () => store.listInstructions(),
    };
  }

  test("is made once and is in force, when its first answer was lost", async () => {
    let answers = 0;
    // The pool repeats a statement without an answer, and finds that the version is not the expected one any more.
    const settings = await start(
      {},
      {},
      failing((done) => done && (answers += 1) > 1),
    );
    expect(await settings.change({ WIDGET_TITLE: "Ask us" }, BY)).toEqual({
      kind: "changed",
      settings: ["WIDGET_TITLE"],
    });
    expect(settings.config.widget.title).toBe("Ask us");
    const key = await settings.keys.make("Shop", "the dashboard");
    expect(settings.config.keys.widget).toEqual([key.key]);
    expect(await settings.audit(10)).toHaveLength(2);
  });

  test("fails when no answer comes, and is in force once somebody says that it was stored", async () => {
    const silent = () => Promise.reject(new StoreUnavailableError("silent"));
    const settings = await start({}, {}, failing(silent));
    const changing = settings.change({ WIDGET_TITLE: "Ask us" }, BY);
    await expect(changing).rejects.toThrow(StoreUnavailableError);
    expect(settings.config.widget.title).toBeUndefined();
    await settings.notice(1);
    expect(settings.config.widget.title).toBe("Ask us");
    // The next change does not wait for the failed one.
    await expect(settings.change({ WIDGET_TITLE: "Ask me" }, BY)).rejects.toThrow();
  });

  test("of another process is looked for again when it cannot be read", async () => {
    let isAway = true;
    const settings = await start();
    const away: SettingsStore = {
      ...failing((done) => done),
      readSettings: () =>
        isAway ? Promise.reject(new StoreUnavailableError("away")) : store.readSettings(),
    };
    isAway = false;
    const other = await start({}, {}, away);
    isAway = true;
    await settings.change({ WIDGET_TITLE: "Ask us" }, BY);
    await other.notice(1);
    expect(lines.join("")).toContain("could not be read yet");
    isAway = false;
    await other.notice(1);
    expect(other.config.widget.title).toBe("Ask us");
  });
});

describe("a setting of the environment", () => {
  test("wins over what the owner has stored, and is shown locked with its variable", async () => {
    await (await start()).change({ OPENAI_MODEL: "stored", MAX_OUTPUT_TOKENS: "7" }, BY);
    const settings = await start({ MAX_OUTPUT_TOKENS: "9" }, { SYSTEM_PROMPT: "of .env" });
    expect(settings.config.assistant).toMatchObject({
      maxOutputTokens: 9,
      systemPrompt: "of .env",
    });
    expect(find(settings, "MAX_OUTPUT_TOKENS")).toMatchObject({
      shown: "9",
      isStored: true,
      lock: { variable: "MAX_OUTPUT_TOKENS", isInDotEnv: false },
    });
    expect(find(settings, "SYSTEM_PROMPT")?.lock).toEqual({
      variable: "SYSTEM_PROMPT",
      isInDotEnv: true,
    });
    expect(find(settings, "OPENAI_MODEL")).toMatchObject({ text: "stored", lock: undefined });
    const refused = await settings.change({ MAX_OUTPUT_TOKENS: "8", OPENAI_MODEL: "m" }, BY);
    expect(refused).toMatchObject({
      kind: "refused",
      problems: [
        {
          name: "MAX_OUTPUT_TOKENS",
          problem: "cannot be changed here: MAX_OUTPUT_TOKENS is set in the environment",
        },
      ],
    });
  });

  test("locks also by a file", async () => {
    await (await start()).change({ SYSTEM_PROMPT: "stored" }, BY);
    const settings = await start({ SYSTEM_PROMPT_FILE: "/run/prompt.txt" });
    expect(settings.config.assistant.systemPrompt).toBe("from a file");
    expect(find(settings, "SYSTEM_PROMPT")?.lock?.variable).toBe("SYSTEM_PROMPT_FILE");
  });

  test("locks the password and the widget keys, which are changed in other ways", async () => {
    const dotEnv = { WIDGET_API_KEY: "widget-key-for-tests-0123456789" };
    const settings = await start({ DASHBOARD_PASSWORD: "an owner's own words" }, dotEnv);
    const password = { variable: "DASHBOARD_PASSWORD", isInDotEnv: false };
    expect(settings.lockOf("DASHBOARD_PASSWORD")).toEqual(password);
    expect(settings.lockOf("WIDGET_API_KEY")?.isInDotEnv).toBe(true);
    expect(settings.lockOf("ADMIN_API_KEY")).toBeUndefined();
  });

  test("that is empty or an example does not hide what is stored", async () => {
    await (await start()).change({ OPENAI_API_KEY: "sk-of-the-owner-1234" }, BY);
    const settings = await start({ OPENAI_API_KEY: "sk-your-own-key", OPENAI_MODEL: "" });
    expect(settings.config.model).toMatchObject({ apiKey: "sk-of-the-owner-1234" });
    expect(find(settings, "OPENAI_API_KEY")?.lock).toBeUndefined();
    expect(await problemsOf(settings, { OPENAI_MODEL: "m" })).toBe("changed");
  });

  test("beside which a stored one does not fit any more makes that one ignored, and the server starts", async () => {
    const first = await start();
    await first.change({ OPENAI_API_KEY: "sk-of-the-owner-1234", WIDGET_TITLE: "Ask us" }, BY);
    const settings = await start({
      OPENAI_HEADERS: "Authorization: Bearer of-the-environment",
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
    });
    expect(settings.ignored).toEqual(["OPENAI_API_KEY"]);
    expect(settings.config.model).toMatchObject({ apiKey: undefined });
    expect(settings.config.widget.title).toBe("Ask us");
    expect(lines.join("")).toContain("stored settings are ignored");
    expect(lines.join("")).not.toContain("sk-of-the-owner");
    expect(await problemsOf(settings, { WIDGET_TITLE: "Ask me" })).toBe("changed");
  });

  test("beside which a stored budget cannot be kept any more switches the model off, until the budget is gone or fits", async () => {
    await (
      await start({ OPENAI_API_KEY: "sk-1", OPENAI_MODEL: "gpt-4.1" })
    ).change({ BUDGET_PER_DAY: "5", WIDGET_TITLE: "Ask us" }, BY);
    const settings = await start({ OPENAI_API_KEY: "sk-1", OPENAI_MODEL: "unheard-of" });
    expect(settings.ignored).toEqual(["BUDGET_PER_DAY"]);
    expect(settings.config.spending).toMatchObject({ isModelOn: false, perDay: undefined });
    expect(settings.config.widget.title).toBe("Ask us");
    expect(await problemsOf(settings, { MODEL_CALLS: "on" })).toBe("changed");
    expect(settings.config.spending.isModelOn).toBe(false);
    const prices = { PRICE_INPUT: "1", PRICE_OUTPUT: "2" };
    expect(await problemsOf(settings, { BUDGET_PER_DAY: "5", ...prices })).toBe("changed");
    expect(settings.config.spending).toMatchObject({ isModelOn: true, perDay: 5_000_000 });
  });

  test("that is wrong stops the start as it always did", async () => {
    await (await start()).change({ WIDGET_TITLE: "Ask us" }, BY);
    await expect(start({ MAX_OUTPUT_TOKENS: "many" })).rejects.toThrow(ConfigError);
  });
});

describe("the model's key", () => {
  const KEY = "sk-of-the-owner-1234";
  const OWN = { OPENAI_BASE_URL: "http://127.0.0.1:9/v1", OPENAI_API_KEY: KEY };

  test("is never shown again: its last four characters are, and the audit list has none of it", async () => {
    const settings = await start();
    await settings.change({ OPENAI_API_KEY: KEY }, BY);
    await settings.change({ OPENAI_API_KEY: "sk-another-key-5678" }, BY);
    expect(find(settings, "OPENAI_API_KEY")).toMatchObject({ text: "", lastFour: "5678" });
    const audit = await settings.audit(10);
    expect(audit.map(({ before, after }) => [before, after])).toEqual([
      ["set (not shown)", "changed"],
      ["not set", "set (not shown)"],
    ]);
    expect(JSON.stringify([settings.list(), audit, lines])).not.toContain("sk-");
  });

  test("is not sent to another server than the one that it was entered for", async () => {
    const settings = await start();
    await settings.change({ ...OWN, OPENAI_HEADERS: "X-Key: abc" }, BY);
    const elsewhere = { OPENAI_BASE_URL: "https://elsewhere.example/v1" };
    expect(await problemsOf(settings, elsewhere)).toEqual(["OPENAI_API_KEY", "OPENAI_HEADERS"]);
    expect(await problemsOf(settings, { OPENAI_BASE_URL: "" })).toEqual([
      "OPENAI_API_KEY",
      "OPENAI_HEADERS",
    ]);
    expect(settings.config.model).toMatchObject({ baseUrl: OWN.OPENAI_BASE_URL });
    const withKey = { ...elsewhere, OPENAI_API_KEY: "sk-of-elsewhere-1", OPENAI_HEADERS: "" };
    expect(await problemsOf(settings, withKey)).toBe("changed");
    expect(settings.config.model).toMatchObject({ apiKey: "sk-of-elsewhere-1", headers: {} });
  });

  test("of the environment locks the address, too", async () => {
    await (await start()).change({ OPENAI_BASE_URL: "https://elsewhere.example/v1" }, BY);
    const settings = await start({ OPENAI_API_KEY: KEY });
    expect(settings.config.model).toMatchObject({ baseUrl: undefined, apiKey: KEY });
    expect(find(settings, "OPENAI_BASE_URL")?.lock?.variable).toBe("OPENAI_API_KEY");
    expect(await problemsOf(settings, { OPENAI_BASE_URL: "https://elsewhere.example" })).toEqual([
      "OPENAI_BASE_URL",
    ]);
  });

  test("is not sent to OpenAI when a variable of the environment has replaced its address", async () => {
    await (await start()).change(OWN, BY);
    const env = { OPENAI_HEADERS: "X-Title: Example" };
    const settings = await start(env);
    expect(settings.ignored).toEqual(["OPENAI_API_KEY"]);
    expect(settings.config.model).not.toHaveProperty("apiKey", KEY);
    expect(await problemsOf(settings, { WIDGET_TITLE: "Ask us" })).toBe("changed");
    expect((await start()).config.model).toMatchObject({ apiKey: KEY });
    // Entered again, it is for the address that is in force.
    expect(await problemsOf(settings, { OPENAI_API_KEY: KEY })).toBe("changed");
    for (const now of [settings, await start(env)]) {
      expect(now.ignored).toEqual([]);
      expect(now.config.model).toMatchObject({ apiKey: KEY, baseUrl: undefined });
    }
  });

  test("that is ignored takes nothing with it, although something else does not fit either", async () => {
    await storeUnchecked({ ...OWN, RETENTION_DAYS: "many", WIDGET_TITLE: "Ask us" });
    const settings = await start({ OPENAI_HEADERS: "X-Title: Example" });
    expect(settings.ignored.toSorted()).toEqual(["OPENAI_API_KEY", "RETENTION_DAYS"]);
    expect(settings.config.widget.title).toBe("Ask us");
  });

  test("is not used when its stored address does not fit any more", async () => {
    await storeUnchecked({ ...OWN, OPENAI_BASE_URL: "no address" });
    const settings = await start();
    expect(settings.ignored.toSorted()).toEqual(["OPENAI_API_KEY", "OPENAI_BASE_URL"]);
    expect(settings.config.model).not.toHaveProperty("apiKey", KEY);
  });

  test("in an address is not shown, and the address as it is shown can be sent back", async () => {
    const settings = await start();
    const address = "https://me:my-password@model.example/v1?key=my-long-query-key";
    await settings.change({ OPENAI_BASE_URL: address }, BY);
    const shown = find(settings, "OPENAI_BASE_URL")?.text ?? "";
    expect(shown).toBe("https://model.example/v1");
    expect(await settings.change({ OPENAI_BASE_URL: shown }, BY)).toMatchObject({ settings: [] });
    const everything = JSON.stringify([settings.list(), await settings.audit(10), lines]);
    expect(everything).not.toMatch(/my-password|my-long-query-key/);
  });
});

describe("the key of the model for embeddings", () => {
  const KEY = "sk-of-embeddings-1234";
  const ADDRESS = { EMBEDDING_BASE_URL: "http://127.0.0.1:9/v1" };

  test("is not sent to another server than the one that it was entered for", async () => {
    const settings = await start();
    await settings.change({ ...ADDRESS, EMBEDDING_API_KEY: KEY }, BY);
    for (const elsewhere of ["https://elsewhere.example/v1", ""]) {
      expect(await problemsOf(settings, { EMBEDDING_BASE_URL: elsewhere })).toEqual([
        "EMBEDDING_API_KEY",
      ]);
    }
    expect(await problemsOf(settings, { OPENAI_BASE_URL: "https://elsewhere.example/v1" })).toBe(
      "changed",
    );
    expect(settings.config.knowledge.embedding.server).toMatchObject({ apiKey: KEY });
  });

  test("of the environment locks its address, and no other", async () => {
    await (await start()).change({ ...ADDRESS, OPENAI_BASE_URL: "http://127.0.0.1:8/v1" }, BY);
    const settings = await start({ EMBEDDING_API_KEY: KEY });
    expect(settings.config.knowledge.embedding.server).toMatchObject({ baseUrl: undefined });
    expect(settings.config.model).toMatchObject({ baseUrl: "http://127.0.0.1:8/v1" });
    expect(await problemsOf(settings, ADDRESS)).toEqual(["EMBEDDING_BASE_URL"]);
    expect(find(settings, "EMBEDDING_BASE_URL")?.lock?.variable).toBe("EMBEDDING_API_KEY");
  });

  test("is not used when its stored address does not fit any more", async () => {
    await storeUnchecked({ EMBEDDING_BASE_URL: "no address", EMBEDDING_API_KEY: KEY });
    const settings = await start();
    expect(settings.ignored.toSorted()).toEqual(["EMBEDDING_API_KEY", "EMBEDDING_BASE_URL"]);
    expect(settings.config.knowledge.embedding.server).toBeUndefined();
  });
});

describe("widget keys", () => {
  test("that the owner makes are valid beside those of the environment until they are revoked", async () => {
    const settings = await start({ WIDGET_API_KEY: "widget-key-for-tests-0123456789" });
    const shop = await settings.keys.make(" Shop ", "the dashboard");
    expect(shop).toMatchObject({ name: "Shop", revokedAt: undefined });
    expect(shop.key).toMatch(/^[\w-]{43}$/);
    const ofEnvironment = settings.config.keys.widget[0] ?? "";
    expect(settings.config.keys.widget).toEqual([ofEnvironment, shop.key]);
    expect(await settings.keys.revoke(shop.id, "the dashboard")).toBe(true);
    expect(await settings.keys.revoke(shop.id, "the dashboard")).toBe(true);
    expect(await settings.keys.revoke("nobody's", "the dashboard")).toBe(false);
    expect(settings.config.keys.widget).toEqual([ofEnvironment]);
    const audit = (await settings.audit(10)).map(({ setting, after }) => `${setting}: ${after}`);
    expect(audit).toEqual(["Widget key Shop: revoked", "Widget key Shop: made"]);
  });

  test("are never missing: a first one is made where none is valid, and a revoked one does not come back", async () => {
    const settings = await start();
    await settings.keys.makeFirst("first-key", "the first start");
    await settings.keys.makeFirst("other-key", "the next start");
    expect(settings.config.keys.widget).toEqual(["first-key"]);
    const { id } = settings.keys.list()[0] ?? { id: "" };
    const ofEnvironment = await start({ WIDGET_API_KEY: "widget-key-for-tests-0123456789" });
    await ofEnvironment.keys.revoke(id, "the dashboard");
    const later = await start();
    await later.keys.makeFirst("first-key", "the next start");
    expect(later.config.keys.widget).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });

  test("are not all revoked, not even by two who revoke the last two at the same time", async () => {
    const [one, other] = [await start(), await start()];
    const first = await one.keys.make("First", "one");
    const second = await one.keys.make("Second", "one");
    await other.refresh();
    const revoked = await Promise.allSettled([
      one.keys.revoke(first.id, "one"),
      other.keys.revoke(second.id, "other"),
    ]);
    expect(revoked.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(one.keys.revoke(second.id, "one")).rejects.toThrow(ConfigError);
    expect(one.config.keys.widget).toEqual([second.key]);
  });

  test("for a new tag are the newest that the owner has made, or the environment's", async () => {
    const settings = await start({ WIDGET_API_KEY: "widget-key-for-tests-0123456789" });
    expect(settings.keys.newest()).toBe("widget-key-for-tests-0123456789");
    const shop = await settings.keys.make("Shop", "the dashboard");
    expect(settings.keys.newest()).toBe(shop.key);
    await settings.keys.revoke(shop.id, "the dashboard");
    expect(settings.keys.newest()).toBe("widget-key-for-tests-0123456789");
  });

  test("need a name, and fifty are enough", async () => {
    const settings = await start();
    for (const name of ["", "  ", "a".repeat(61), "a\nb"]) {
      await expect(settings.keys.make(name, "the dashboard")).rejects.toThrow("a name of 1 to 60");
    }
    for (let n = 0; n < 50; n += 1) await settings.keys.make(`key ${n}`, "the dashboard");
    await expect(settings.keys.make("one more", "the dashboard")).rejects.toThrow("revoke one");
    await settings.keys.revoke(settings.keys.list()[0]?.id ?? "", "the dashboard");
    await settings.keys.make("one more", "the dashboard");
    expect(settings.config.keys.widget).toHaveLength(50);
  });
});

test("instructions are kept as versions, and one can be put in force again", async () => {
  const settings = await start();
  await settings.change({ SYSTEM_PROMPT: "First." }, BY);
  await settings.change({ SYSTEM_PROMPT: "Second." }, BY);
  const [, first] = await settings.instructions();
  await settings.change({ SYSTEM_PROMPT: first?.text ?? "" }, BY);
  expect(settings.config.assistant.systemPrompt).toBe("First.");
  expect((await settings.instructions()).map(({ text }) => text)).toEqual([
    "First.",
    "Second.",
    "First.",
  ]);
});
