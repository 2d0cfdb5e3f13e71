import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { expectPage, textsOf } from "../support/dashboard-pages.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { storeHeld, storeSpent } from "../support/stored-spending.ts";
import { begin, newTurn, outcome, storeExchange } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

/** What the owner sees and sets of what the model costs. */

const PATH = "/dashboard/settings/spending";
const DAY_MS = 24 * 60 * 60 * 1000;
/** A model whose prices are on the list: 2 dollars a million tokens read, 8 written. */
const MODEL = { OPENAI_API_KEY: "sk-upstream", OPENAI_MODEL: "gpt-4.1", MAX_OUTPUT_TOKENS: "1000" };
const FORM = {
  action: "save",
  BUDGET_UNIT: "",
  BUDGET_PER_DAY: "5",
  BUDGET_PER_MONTH: "",
  BUDGET_SHARE: "",
  BUDGET_MESSAGE: "",
  CURRENCY: "",
  PRICE_INPUT: "",
  PRICE_OUTPUT: "",
};

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;

async function start(env: Record<string, string> = MODEL): Promise<void> {
  await app?.close();
  app = createTestApp({ env });
  owner = await openDashboard(app);
}

beforeEach(() => start());
afterEach(() => app.close());

async function read(path = PATH): Promise<string> {
  const answer = await owner.get(path);
  expectPage(answer);
  return answer.body;
}

const send = (fields: Record<string, string>) =>
  owner.post(PATH, { formToken: owner.formToken, ...fields });

const spend = (cost: number, at = app.clock.now()) =>
  storeSpent(app.store, at, { inputTokens: 1200, outputTokens: 300, cost });

const needs = async () => textsOf(await read("/dashboard"), ".need");

describe("the switch of the model", () => {
  test("turns it off with one click, says what that does, and is in the list of changes", async () => {
    expect(await textsOf(await read(), "#switch h2")).toEqual(["The model answers"]);
    expect((await send({ action: "off" })).headers.get("location")).toBe(`${PATH}?done=model-off`);
    expect(app.config.spending.isModelOn).toBe(false);
    const off = await read(`${PATH}?done=model-off`);
    expect(await textsOf(off, ".notice.good")).toEqual([
      expect.stringMatching(
        /^The model is off\. Questions are refused, and answers under way are cut/,
      ),
    ]);
    expect(await textsOf(off, "#switch button")).toEqual(["Switch the model on"]);
    await storeExchange(app.store);
    expect((await needs())[0]).toBe("The model is off. No question is answered. Switch it on");
    expect((await send({ action: "on" })).headers.get("location")).toBe(`${PATH}?done=model-on`);
    expect(app.config.spending.isModelOn).toBe(true);
    const changes = await textsOf(await read("/dashboard/settings/changes"), ".change");
    expect(changes.map((each) => each.replace(/ 23 Nov.*/, ""))).toEqual([
      "The model MODEL_CALLS off → on",
      "The model MODEL_CALLS on → off",
    ]);
  });

  test("works from a page that was opened before somebody else changed something", async () => {
    expect((await send({ action: "off" })).status).toBe(303);
    expect((await send({ action: "off", version: "0" })).status).toBe(303);
    expect((await send({ action: "on", version: "0" })).status).toBe(303);
    expect(app.config.spending.isModelOn).toBe(true);
  });

  test("names what visitors read, as text", async () => {
    await send({ ...FORM, BUDGET_MESSAGE: "Back <b>tomorrow</b>." });
    await send({ action: "off" });
    expect(await textsOf(await read(), "#switch .notice")).toEqual([
      "No question is answered. Visitors read: “Back &lt;b&gt;tomorrow&lt;/b&gt;.”",
    ]);
  });

  test("is not there where the environment sets it", async () => {
    await start({ ...MODEL, MODEL_CALLS: "off" });
    const page = await read();
    expect(page).toContain("Fixed by <code>MODEL_CALLS</code> in the environment.");
    expect(await textsOf(page, "#switch button")).toEqual([]);
    expect((await send({ action: "on" })).status).toBe(400);
    expect(app.config.spending.isModelOn).toBe(false);
  });
});

describe("budgets and prices", () => {
  test("are in force at once, and the form shows them", async () => {
    const fields = {
      ...FORM,
      BUDGET_PER_DAY: "2.50",
      BUDGET_PER_MONTH: "40",
      BUDGET_SHARE: "10",
      CURRENCY: "eur",
      PRICE_INPUT: "0.4",
      PRICE_OUTPUT: "1.6",
    };
    expect((await send(fields)).headers.get("location")).toBe(`${PATH}?done=saved`);
    expect(app.config.spending).toMatchObject({
      unit: "money",
      perDay: 2_500_000,
      perMonth: 40_000_000,
      sharePercent: 10,
      currency: "EUR",
      ownPrices: { input: 0.4, output: 1.6 },
    });
    const page = await read();
    for (const value of ["2.50", "40", "10", "0.4", "1.6"]) {
      expect(page).toContain(`value="${value}"`);
    }
    expect(page).toContain("as you have set them");
    expect(await read("/dashboard/settings/model")).toContain("The prices that you have set");
    expect(page).toContain("conversation costs at most €0.001");
    expect((await send({ action: "save-proof", PROOF_OF_WORK: "on" })).status).toBe(303);
    expect(app.config.proof.mode).toBe("on");
  });

  test("say whether anybody is notified", async () => {
    expect(await read()).toContain("Nobody is notified when it is used up");
    const env = { ...MODEL, NTFY_URL: "https://ntfy.example/shop" };
    await start(env);
    expect(await read()).toMatch(/You are <a href="[^"]+">notified<\/a> when 80% of it is spent/);
    await start({ ...env, NTFY_EVENTS: "handoff.requested" });
    expect(await read()).toContain("Nobody is notified when it is used up");
  });

  test("show the prices of the list with its date where the owner has set none", async () => {
    const page = await read();
    expect(page).toMatch(/gpt-4\.1<\/bdi>, from a list of \w+ 20\d\d:/);
    expect(page).toMatch(/value=""\s+placeholder="2"\s+id="PRICE_INPUT"/);
    expect(page).toMatch(/value=""\s+placeholder="8"\s+id="PRICE_OUTPUT"/);
  });

  test("know no price of the model of a server whose name is not set, and none in another currency", async () => {
    await start({ OPENAI_BASE_URL: "http://127.0.0.1:9/v1" });
    expect(await read()).toMatch(/Of your server’s model no prices are\s+known\./);
    expect((await send(FORM)).status).toBe(400);
    await start({ ...MODEL, CURRENCY: "CHF" });
    expect(await read()).toMatch(/gpt-4\.1<\/bdi> no prices are\s+known in CHF/);
  });

  test.each([
    ["text in a sum", { BUDGET_PER_DAY: "much" }, "BUDGET_PER_DAY", "This must be a number up to"],
    ["a decimal comma", { BUDGET_PER_MONTH: "2,50" }, "BUDGET_PER_MONTH", "such as 5.00"],
    ["a negative sum", { BUDGET_PER_DAY: "-1" }, "BUDGET_PER_DAY", "This must be a number up to"],
    [
      "no money at all",
      { BUDGET_PER_DAY: "0.00" },
      "BUDGET_PER_DAY",
      "must be more than 0. Leave it",
    ],
    [
      "fractions of a millionth",
      { BUDGET_PER_DAY: "0.0000001" },
      "BUDGET_PER_DAY",
      "with six decimal places at most",
    ],
    ["a share of 0", { BUDGET_SHARE: "0" }, "BUDGET_SHARE", "a whole number from 1 to 100"],
    [
      "half a token",
      { BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "0.5" },
      "BUDGET_PER_DAY",
      "This must be a whole number from 1 to",
    ],
    ["no currency", { CURRENCY: "euros" }, "CURRENCY", "the three letters of a currency"],
    [
      "a price without the other one",
      { PRICE_INPUT: "0.4" },
      "PRICE_OUTPUT",
      "This is needed together with the other price.",
    ],
    [
      "a long sentence",
      { BUDGET_MESSAGE: "x".repeat(301) },
      "BUDGET_MESSAGE",
      "has more than 300 characters",
    ],
    [
      "money in a currency in which no prices are known",
      { CURRENCY: "EUR" },
      "BUDGET_PER_DAY",
      "This is a sum of money, and the prices of this model are not known: set both prices, or count in tokens.",
    ],
  ])(
    "with %s are refused beside the field, and nothing is changed",
    async (_, fields, at, says) => {
      const before = app.config.spending;
      const answer = await send({ ...FORM, ...fields });
      expect(answer.status).toBe(400);
      const [problem] = await textsOf(answer.body, `#problem-${at}`);
      expect(problem).toContain(says);
      expect(answer.body.match(/autofocus/g)).toHaveLength(1);
      for (const value of Object.values(fields)) expect(answer.body).toContain(value);
      expect(app.config.spending).toEqual(before);
      expect(await app.settings.audit(10)).toEqual([]);
    },
  );

  test("are refused for a model without prices, also when the model is changed later", async () => {
    await start({ OPENAI_API_KEY: "sk-upstream" });
    await app.settings.change({ OPENAI_MODEL: "gpt-4.1" }, { by: "the owner" });
    expect((await send(FORM)).status).toBe(303);
    const outcome = await app.settings.change({ OPENAI_MODEL: "unheard-of" }, { by: "the owner" });
    expect(outcome).toMatchObject({ kind: "refused", problems: [{ name: "BUDGET_PER_DAY" }] });
    expect(app.config.model).toMatchObject({ name: "gpt-4.1" });
  });

  test("that a new model does not fit are named on its page, with the way to them", async () => {
    await start({});
    const model = {
      formToken: owner.formToken,
      action: "save",
      OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
      OPENAI_MODEL: "gpt-4.1",
    };
    const priced = { OPENAI_BASE_URL: model.OPENAI_BASE_URL, OPENAI_MODEL: "gpt-4.1" };
    await app.settings.change(priced, { by: "the owner" });
    expect((await send(FORM)).status).toBe(303);
    const fields = { ...model, OPENAI_MODEL: "unheard-of" };
    const answer = await owner.post("/dashboard/settings/model", fields);
    expect(answer.status).toBe(400);
    expect(await textsOf(answer.body, ".notice.bad")).toEqual([
      "BUDGET_PER_DAY: This is a sum of money, and the prices of this model are not known: set both prices, or count in tokens. Spending",
    ]);
    expect(answer.body).toContain('href="/dashboard/settings/spending#BUDGET_PER_DAY"');
  });

  test("are locked where the environment sets them", async () => {
    const all = { BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "10000", PROOF_OF_WORK: "off" };
    await start({ ...MODEL, ...all });
    const page = await read();
    for (const name of Object.keys(all)) {
      expect(page).toContain(`Fixed by <code>${name}</code> in the environment.`);
      expect(page).not.toContain(`name="${name}"`);
    }
    expect((await send({ action: "save", BUDGET_PER_DAY: "" })).status).toBe(400);
    expect((await send({ action: "save-proof", PROOF_OF_WORK: "on" })).status).toBe(400);
    expect(app.config.spending.perDay).toBe(10_000);
  });

  test("of an unknown form change nothing", async () => {
    for (const action of ["save-all", "", "toggle"]) {
      expect([action, (await send({ ...FORM, action })).status]).toEqual([action, 400]);
    }
    expect(await app.settings.audit(10)).toEqual([]);
  });
});

describe("what was spent", () => {
  test("is shown of today and of this month, without a bar where there is no budget", async () => {
    await spend(1_230_000);
    await spend(2_000_000, app.clock.now() - DAY_MS);
    const page = await read();
    expect(await textsOf(page, ".budget .headline")).toEqual(["$1.23 spent", "$3.23 spent"]);
    expect(page).not.toContain('class="share');
    expect(await textsOf(page, ".budget .hint")).toEqual([
      "1,200 tokens read, 300 written.",
      "2,400 tokens read, 600 written.",
    ]);
    expect(await textsOf(await read("/dashboard"), "#budget")).toEqual([]);
  });

  test("has the tokens that the overview has, and days before the first sum keep those that were reported", async () => {
    const usage = { promptTokens: 5, completionTokens: 2, totalTokens: 7 };
    for (const at of [app.clock.now(), app.clock.now() - 2 * DAY_MS]) {
      const turn = newTurn({ at });
      await begin(app.store, turn);
      await app.store.finishTurn(turn.turnId, outcome({ usage, at }));
    }
    await spend(0);
    await spend(0, app.clock.now() - DAY_MS);
    expect((await textsOf(await read(), ".budget .hint"))[0]).toBe(
      "1,200 tokens read, 300 written.",
    );
    const page = await read("/dashboard?figure=tokens");
    expect(page).toContain('aria-label="Today, so far: 1,500"');
    expect(await textsOf(page, "#figure-tokens .headline")).toEqual(["3,007"]);
    const [, yesterday, older] = await textsOf(page, "tbody tr");
    expect([yesterday, older]).toEqual([
      expect.stringContaining("1,500"),
      expect.stringContaining("7$"),
    ]);
  });

  test("is shown against the budgets, with what is set aside for answers under way", async () => {
    await send({ ...FORM, BUDGET_PER_MONTH: "100" });
    await spend(1_250_000);
    await storeHeld(app.store, app.clock.now(), { inputTokens: 20_000, outputTokens: 5000 });
    await storeExchange(app.store);
    for (const path of [PATH, "/dashboard"]) {
      const page = await read(path);
      expect(await textsOf(page, ".budget .headline")).toEqual([
        "$1.25 of $5.00",
        "$1.25 of $100.00",
      ]);
      expect((await textsOf(page, ".budget .hint"))[0]).toStartWith(
        "25% used. $0.025 more is set aside for answers under way.",
      );
    }
    expect(await needs()).not.toContainEqual(expect.stringContaining("budget"));
  });

  test("is counted in tokens where the budgets are", async () => {
    await send({ ...FORM, BUDGET_UNIT: "tokens", BUDGET_PER_DAY: "10000" });
    await spend(1_250_000);
    expect(await textsOf(await read(), ".budget .headline")).toEqual([
      "1,500 of 10,000 tokens",
      "1,500 tokens spent",
    ]);
  });

  test("is among what needs the owner from 80% on, and when no question fits any more", async () => {
    await send({ ...FORM, BUDGET_PER_MONTH: "100" });
    await storeExchange(app.store);
    await spend(3_990_000);
    expect(await needs()).not.toContainEqual(expect.stringContaining("budget"));
    await spend(20_000);
    expect((await needs())[0]).toBe("80% of today’s budget is used. See what is left");
    await spend(985_000);
    expect((await needs())[0]).toBe("Questions are refused: today’s budget is used up. Raise it");
    expect(await textsOf(await read(), ".budget .problem")).toEqual([
      "Reached: questions are refused until tomorrow.",
    ]);
    await send({ ...FORM, BUDGET_PER_DAY: "20" });
    expect(await needs()).not.toContainEqual(expect.stringContaining("budget"));
  });

  test("follows while the page is open", async () => {
    expect(await read()).toMatch(/data-live="figures" data-published="[^"]+"/);
  });
});

describe("a stored budget that does not fit the model of the environment", () => {
  test("turns the model off, which the overview says first and the page explains", async () => {
    const { store } = app;
    await send(FORM);
    app = createTestApp({ env: { ...MODEL, OPENAI_MODEL: "unheard-of" }, store });
    await app.settings.refresh();
    owner = await openDashboard(app);
    await storeExchange(store);
    expect((await needs())[0]).toBe(
      "The model is off: your budget does not fit it, because its prices are not known. Enter its prices",
    );
    const page = await read();
    expect(page).toContain("Stored but not in use");
    const refused = await send({ action: "on" });
    expect(refused.status).toBe(409);
    expect(refused.body).toContain("The model stays off");
    expect((await send({ ...FORM, PRICE_INPUT: "1", PRICE_OUTPUT: "2" })).status).toBe(303);
    expect(app.config.spending).toMatchObject({ isModelOn: true, perDay: 5_000_000 });
  });
});

describe("the cost", () => {
  test("is a figure of the overview, drawn by day and in the table, once prices are known", async () => {
    await storeExchange(app.store, { at: app.clock.now() });
    await spend(1_500_000);
    await spend(250_000, app.clock.now() - DAY_MS);
    const page = await read("/dashboard?figure=cost");
    expect(await textsOf(page, "#figure-cost .headline")).toEqual(["$1.75"]);
    expect(await textsOf(page, "#drawn")).toEqual([expect.stringContaining("Cost a day")]);
    expect(page).toContain('aria-label="Today, so far: $1.50"');
    expect(await textsOf(page, "thead th")).toContain("Cost");
    expect((await textsOf(page, "tbody tr"))[1]).toContain("$0.25");
  });

  test("is not there where the model costs nothing, and its link shows another figure", async () => {
    await start({});
    await storeExchange(app.store, { at: app.clock.now() });
    const page = await read("/dashboard?figure=cost");
    expect(await textsOf(page, "#figure-cost")).toEqual([]);
    expect(await textsOf(page, "#drawn")).toEqual([
      expect.stringContaining("New conversations a day"),
    ]);
  });

  test("of an answer is in its details, and of all answers in the head of the thread", async () => {
    const { day, month } = { day: "2026-11-23", month: "2026-11" };
    let conversationId = "";
    for (const cost of [420, 1_000_000]) {
      const turn = newTurn();
      ({ conversationId } = await begin(app.store, turn));
      const spent = { inputTokens: 100, outputTokens: 27, cost, day, month, isReserved: false };
      await app.store.finishTurn(turn.turnId, outcome({ spent }));
    }
    await storeExchange(app.store);
    const page = await read(`/dashboard/conversations/${conversationId}`);
    expect(await textsOf(page, ".facts")).toEqual([
      expect.stringContaining("$0.00042"),
      expect.stringContaining("$1.00"),
      expect.not.stringContaining("$"),
    ]);
    expect(await textsOf(page, ".thread-head .hint")).toEqual([
      expect.stringContaining("6 messages, $1.00, at"),
    ]);
  });
});

describe("redaction", () => {
  const PRIVACY = "/dashboard/settings/limits";
  const save = (fields: Record<string, string>) =>
    owner.post(PRIVACY, { formToken: owner.formToken, action: "save-redaction", ...fields });

  test("is chosen by boxes, in force at once, and taken back by ticking none", async () => {
    const page = await read(PRIVACY);
    expect(page).not.toMatch(/name="box.REDACT.\w+"\s+value="1"\s+checked/);
    const ticked = { REDACT: "", "box.REDACT.cards": "1", "box.REDACT.phones": "1" };
    expect((await save({ ...ticked, REDACT_BEFORE: "storage" })).status).toBe(303);
    expect(app.config.redaction).toEqual({ kinds: ["cards", "phones"], before: "storage" });
    const saved = await read(PRIVACY);
    expect(saved).toMatch(/name="box.REDACT.cards"\s+value="1"\s+checked/);
    expect(saved).toMatch(/name="box.REDACT.ibans"\s+value="1"\s+\/>/);
    expect((await save({ REDACT: "", REDACT_BEFORE: "" })).status).toBe(303);
    expect(app.config.redaction).toEqual({ kinds: [], before: "model" });
    const [last] = await textsOf(await read("/dashboard/settings/changes"), ".change");
    expect(last).toContain("REDACT");
  });

  test("is locked where the environment sets it", async () => {
    await start({ REDACT: "cards,ibans", REDACT_BEFORE: "storage" });
    const page = await read(PRIVACY);
    expect(page).toContain("Fixed by <code>REDACT</code> in the environment.");
    expect(page).not.toContain("Save redaction");
    expect((await save({ REDACT: "", "box.REDACT.emails": "1" })).status).toBe(400);
  });
});
