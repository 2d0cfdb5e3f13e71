import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { eventsOf } from "../support/notices.ts";
import { begin, newTurn, outcome } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";
import { until } from "../support/until.ts";

const PATH = "/dashboard/settings/notices";
const PRIVATE = { NOTICES_PRIVATE_ADDRESSES: "on" };

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;
let receiver: WebhookReceiver;

async function start(env: Record<string, string> = PRIVATE): Promise<void> {
  app = createTestApp({ env });
  app.settings.config.onChange(() => void app.outbox.sync());
  owner = await openDashboard(app);
}

beforeEach(() => {
  receiver = startWebhookReceiver();
});
afterEach(async () => {
  await app.close();
  await receiver.stop();
});

function send(fields: Record<string, string>) {
  return owner.post(PATH, { formToken: owner.formToken, ...fields });
}

async function page(): Promise<string> {
  return (await owner.get(PATH)).body;
}

function save(more: Record<string, string> = {}) {
  const boxes = { WEBHOOK_EVENTS: "", "box.WEBHOOK_EVENTS.answer.failed": "1" };
  return send({ action: "save.webhook", WEBHOOK_URL: receiver.url, ...boxes, ...more });
}

async function fail(): Promise<void> {
  const turn = newTurn({ at: app.clock.now() });
  await begin(app.store, turn);
  const failed = { status: "failed", content: "", errorCode: "model_error" } as const;
  await app.store.finishTurn(
    turn.turnId,
    outcome({ ...failed, durationMs: 0, at: app.clock.now() }),
  );
  app.outbox.wake();
}

describe("the page of notices", () => {
  test("stores a channel with the ticked events, which are sent from then on", async () => {
    await start();
    await fail();
    expect((await save()).status).toBe(303);
    expect(app.config.notices).toMatchObject({ events: { webhook: ["answer.failed"] } });
    await app.outbox.sync();
    await fail();
    await until(() => receiver.received.length > 0);
    expect(eventsOf(receiver).map(({ type }) => type)).toEqual(["answer.failed"]);
    const body = await page();
    expect(body).toMatch(/name="box.WEBHOOK_EVENTS.answer.failed"\s+value="1"\s+checked/);
    expect(body).toMatch(/name="box.WEBHOOK_EVENTS.answer.rated"\s+value="1"\s+\/>/);
    await until(async () => (await page()).includes("Last delivered"));
  });

  test("shows neither the path of the webhook nor a secret that the owner has entered", async () => {
    await start();
    const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
    const url = "https://hooks.example.com/services/T0/very-secret";
    await save({ WEBHOOK_URL: url, WEBHOOK_SECRET: secret });
    const shown = [await page(), (await owner.get("/dashboard/settings/changes")).body];
    shown.push((await owner.get("/dashboard/setup")).body);
    for (const body of shown) {
      expect(body).not.toContain("very-secret");
      expect(body).not.toContain(secret);
    }
    expect(shown[0]).toContain("https://hooks.example.com/…");
    expect(shown[0]).not.toContain("Show the signing secret");
    expect((await send({ action: "secret" })).status).toBe(400);
    // What is shown of it, sent back, changes nothing.
    await save({ WEBHOOK_URL: "https://hooks.example.com/…" });
    expect(app.config.notices.webhook).toEqual({ url, secrets: [secret] });
  });

  test("shows the secret that the server has made, to whoever asks for it", async () => {
    await start();
    await save();
    expect(await page()).not.toContain("whsec_");
    const shown = /whsec_[\w+/=]+/.exec((await send({ action: "secret" })).body)?.[0];
    expect(await app.store.secret("webhook_secret", () => "another")).toBe(shown ?? "");
  });

  test("says what is wrong beside its field, and stores nothing", async () => {
    await start();
    const refused = await save({ WEBHOOK_URL: "not an address" });
    expect(refused.status).toBe(400);
    expect(refused.body).toContain('id="problem-WEBHOOK_URL"');
    // The field is far below the beginning of the page.
    expect(refused.body.match(/name="\w+"\s+aria-invalid="true" autofocus/g)).toHaveLength(1);
    expect(refused.body).toMatch(/name="box.WEBHOOK_EVENTS.answer.failed"\s+value="1"\s+checked/);
    for (const action of ["save.pigeon", "test.webhook", "again.", "other"]) {
      expect([action, (await send({ action })).status]).toEqual([action, 400]);
    }
    expect(await app.settings.audit(10)).toEqual([]);
  });

  test("names what a channel still needs that has something already", async () => {
    await start();
    await send({ action: "save.mail", SMTP_URL: "smtps://mail.example.com" });
    expect(await page()).toContain("Not in use yet: “Sender” and “Your addresses” are empty.");
    await send({ action: "save.mail", MAIL_FROM: "chat@example.com", MAIL_TO: "me@example.com" });
    expect(app.config.notices.mail).toBeDefined();
    expect(await page()).not.toContain("Not in use yet");
  });

  test("keeps a token from being sent to another server", async () => {
    await start();
    const ntfy = { action: "save.ntfy", NTFY_URL: "https://ntfy.sh/a", NTFY_TOKEN: "tk_1" };
    expect((await send(ntfy)).status).toBe(303);
    const elsewhere = { action: "save.ntfy", NTFY_URL: "https://evil.example/a", NTFY_TOKEN: "" };
    expect((await send(elsewhere)).status).toBe(400);
    expect(app.config.notices.ntfy?.server).toBe("https://ntfy.sh/");
  });
});

describe("a test of a channel", () => {
  test("is sent at once, and shows the receiver's own words as text", async () => {
    await start();
    await save();
    receiver.answer(() => new Response("<b>thanks</b>"));
    const { body, status } = await send({ action: "test.webhook" });
    expect(status).toBe(200);
    expect(body).toContain("the test was delivered");
    expect(body).toContain("&lt;b&gt;thanks&lt;/b&gt;");
    expect(eventsOf(receiver)).toEqual([
      { id: expect.stringMatching(/^msg_[\w-]+$/), type: "test" },
    ]);
  });

  test("that fails says why", async () => {
    await start();
    await save();
    receiver.answer(() => new Response("x".repeat(999), { status: 500 }));
    const { body } = await send({ action: "test.webhook" });
    expect(body).toContain("the test was not delivered");
    expect(body).toContain(`answered with status 500. It says: “${"x".repeat(200)}…”`);
    expect(await page()).toContain("Last failure");
  });

  test("goes to no place inside of a network unless the owner allows it", async () => {
    await start({});
    await save();
    const { body } = await send({ action: "test.webhook" });
    expect(body).toContain("NOTICES_PRIVATE_ADDRESSES=on allows it");
    expect(receiver.received).toEqual([]);
    await send({ action: "save-private", NOTICES_PRIVATE_ADDRESSES: "on" });
    expect((await send({ action: "test.webhook" })).body).toContain("the test was delivered");
  });

  test("switches a channel on again that its receiver had switched off, and sends what was given up when asked", async () => {
    await start();
    await save();
    await app.outbox.sync();
    receiver.answer(() => new Response(null, { status: 410 }));
    await fail();
    await until(async () => (await page()).includes("Off since"));
    expect((await owner.get("/dashboard")).body).toContain("Notices do not reach you by webhook.");
    await fail();
    receiver.answer(() => new Response(null, { status: 204 }));
    expect(await page()).toContain("1 notice could not be delivered");
    await send({ action: "test.webhook" });
    expect(await page()).not.toContain("Off since");
    expect((await owner.get("/dashboard")).body).not.toContain("Notices do not reach you");
    const again = await send({ action: "again.webhook" });
    expect(again.headers.get("location")).toBe(`${PATH}?done=again`);
    await until(() => eventsOf(receiver).length === 3);
    await fail();
    await until(() => eventsOf(receiver).length === 4);
    expect(eventsOf(receiver).map(({ type }) => type)).toEqual([
      "answer.failed",
      "test",
      "answer.failed",
      "answer.failed",
    ]);
  });
});

test("without a channel nothing of notices is loaded or written, and there is no metric of them", async () => {
  await start({});
  await app.outbox.sync();
  await fail();
  expect(await app.store.nextNoticeAt(["mail", "webhook", "ntfy", "telegram"])).toBeUndefined();
  expect(app.metrics.write()).not.toContain("chatporch_notices");
});
