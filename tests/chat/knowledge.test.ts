import { afterEach, beforeEach, expect, test } from "bun:test";

import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";
import { chatRequest, createTestApp, type TestApp } from "../support/test-app.ts";

/** A question is answered from what is stored, from the next question on. */

let server: ModelServer;
let app: TestApp;

beforeEach(() => {
  server = startModelServer(answer("Three days [1]."));
  app = createTestApp({ modelUrl: server.url });
});
afterEach(async () => {
  await app.close();
  await server.stop();
});

async function ask(message: string): Promise<Record<string, unknown>> {
  const body = { sessionId: "visitor-1", message };
  const response = await app.fetch("/v1/chat", chatRequest(body));
  return Object(await response.json());
}

/** The message that the model was sent last. */
const asked = () => server.calls.at(-1)?.body.messages.at(-1)?.content ?? "";

async function learn(title: string, text: string, uri: string): Promise<void> {
  const { id: sourceId } = await addSource(app.store);
  const sections = [section(text, "Outside the EU", "world")];
  await app.store.putDocument(newDocument({ sourceId, title, uri, sections }));
}

const SHIPPING = "https://shop.example/shipping";
const NORWAY = "Parcels to Norway take three days.";

test("a question is asked as it is until something is known, and then with what fits it", async () => {
  expect(await ask("How long to Norway?")).not.toHaveProperty("sources");
  expect(asked()).toBe("How long to Norway?");
  await learn("Shipping", NORWAY, SHIPPING);
  await learn("Tea", "We sell green and black tea.", "https://shop.example/tea");
  const whole = await ask("How long do parcels to Norway take?");
  expect(whole).toMatchObject({
    message: "Three days [1].",
    grounding: "cited",
    sources: [
      { number: 1, title: "Shipping", heading: "Outside the EU", url: `${SHIPPING}#world` },
    ],
  });
  expect(asked()).toContain(NORWAY);
  expect(asked()).not.toContain("green and black tea");
});

test("a follow-up is given what the question before it was about", async () => {
  await learn("Shipping", NORWAY, SHIPPING);
  await ask("How long do parcels to Norway take?");
  await ask("And why?");
  expect(asked()).toContain(NORWAY);
  expect(asked()).toEndWith("Question: And why?");
});

test("what is removed or switched off is not given to the next question", async () => {
  await learn("Shipping", NORWAY, SHIPPING);
  const { id } = (await app.store.findDocument(SHIPPING)) ?? { id: 0 };
  await app.store.switchDocument(id, true);
  await ask("How long to Norway?");
  expect(asked()).not.toContain(NORWAY);
  await app.store.switchDocument(id, false);
  await ask("How long to Norway?");
  expect(asked()).toContain(NORWAY);
  await app.store.removeDocument(id);
  await ask("How long to Norway?");
  expect(asked()).toBe("How long to Norway?");
});

test("the mode and the number of words that the owner chooses are in force with the next question", async () => {
  await learn("Shipping", NORWAY, SHIPPING);
  const by = { by: "the owner" };
  await app.settings.change({ KNOWLEDGE_MODE: "strict" }, by);
  await ask("How long to Norway?");
  expect(asked()).toContain("say that you do not know it");
  await app.settings.change({ KNOWLEDGE_MODE: "", KNOWLEDGE_WORDS: "3" }, by);
  await ask("How long to Norway?");
  expect(asked()).toContain("say what you know yourself");
  expect(asked()).not.toContain("three days");
  for (const off of [{ KNOWLEDGE_WORDS: "0" }, { KNOWLEDGE_WORDS: "", KNOWLEDGE_MODE: "off" }]) {
    await app.settings.change(off, by);
    await ask("How long to Norway?");
    expect(asked()).toBe("How long to Norway?");
  }
});

test("the playground of the dashboard answers as visitors get it, and stores nothing", async () => {
  await learn("Shipping", NORWAY, SHIPPING);
  const owner = await openDashboard(app);
  const { body } = await owner.post("/dashboard/settings/instructions", {
    formToken: owner.formToken,
    action: "ask",
    question: "How long to Norway?",
    SYSTEM_PROMPT: "Be brief.",
  });
  expect(body).toContain("Three days [1].");
  expect(asked()).toContain(NORWAY);
  expect((await app.store.listConversations({ limit: 1 })).total).toBe(0);
});
