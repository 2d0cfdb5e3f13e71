import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { askAsOwner } from "../support/admin-requests.ts";
import { WIDGET_KEY } from "../support/test-app.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

describe("API1:2023 Broken Object Level Authorization", () => {
  let visitors: Visitors;
  let mallory: Session;
  let ada: Session;

  beforeEach(async () => {
    visitors = startVisitors();
    mallory = await visitors.mint();
    ada = await visitors.mint();
    await visitors.ask(ada, "I am Ada, my order is 4711");
    await visitors.ask(mallory, "I am Mallory");
  });
  afterEach(() => visitors.close());

  /** Expects that no response contains Ada's words or token, and that her messages are all still there. */
  async function expectUntouched(attempts: readonly Promise<Response>[]): Promise<void> {
    for (const response of await Promise.all(attempts)) {
      const shown = `${JSON.stringify([...response.headers])} ${await response.text()}`;
      expect(shown).not.toContain("4711");
      expect(shown).not.toContain(ada.token);
    }
    const conversation = await visitors.app.store.findConversationBySession(ada.id);
    expect(conversation?.messageCount).toBe(2);
  }

  test("a visitor's token opens no other session, however the request names it", async () => {
    const both = [
      `sessionId=${ada.id}&sessionId=${mallory.id}`,
      `sessionId=${mallory.id}&sessionId=${ada.id}`,
      `sessionId[]=${ada.id}`,
      `sessionId=${mallory.id},${ada.id}`,
      `sessionId=["${mallory.id}","${ada.id}"]`,
      `sessionId=${ada.id}%00`,
      `sessionId=%73${ada.id.slice(1)}`,
      `sessionid=${mallory.id}&SESSIONID=${ada.id}&sessionId=${ada.id}`,
      `__proto__[sessionId]=${ada.id}`,
    ];
    await expectUntouched(both.map((query) => visitors.history(query, mallory.token)));
    await expectUntouched(both.map((query) => visitors.history(query, mallory.token, "DELETE")));
    const bodies = [
      `{"sessionId":"${mallory.id}","message":"Hi","sessionId":"${ada.id}"}`,
      `{"sessionId":["${ada.id}"],"message":"Hi"}`,
      `{"sessionId":"${ada.id}","message":"Hi"}`,
      `{"sessionId":"${mallory.id}","message":"Hi","__proto__":{"sessionId":"${ada.id}"}}`,
    ];
    await expectUntouched(bodies.map((body) => visitors.post("/v1/chat", body, mallory.token)));
  });

  test("a visitor rates no answer of another session, and leaves no request in it or for it", async () => {
    await visitors.app.settings.change({ PERSON: "always" }, { by: "the owner" });
    const consent = "Write to me.";
    const contact = { kind: "email", value: "order4711@example.com" };
    const wish = (sessionId: string, more = {}) =>
      JSON.stringify({ sessionId, consent, contact, ...more });
    expect((await visitors.post("/v1/chat/requests", wish(ada.id), ada.token)).status).toBe(201);
    const { store } = visitors.app;
    const conversation = await store.findConversationBySession(ada.id);
    const [message] = await store.listMessages(conversation?.id ?? "");
    const turnId = message?.turnId ?? "";
    const rate = (token: string) =>
      visitors.app.fetch(`/v1/chat/turns/${turnId}/rating`, {
        method: "PUT",
        headers: {
          "content-type": "application/json",
          "x-api-key": WIDGET_KEY,
          "x-session-token": token,
        },
        body: '{"rating":"negative"}',
      });
    const without = { contact: undefined };
    await expectUntouched([
      rate(mallory.token),
      rate(""),
      visitors.post("/v1/chat/requests", wish(ada.id), mallory.token),
      visitors.post("/v1/chat/requests", wish(ada.id, without), mallory.token),
      visitors.post("/v1/chat/requests", wish(mallory.id, without), mallory.token),
      visitors.post("/v1/chat/requests", wish(mallory.id, { turnId }), mallory.token),
      visitors.history(`sessionId=${mallory.id}`, mallory.token),
      visitors.history(`sessionId=${ada.id}`, ada.token).then(async (own) => {
        const { person } = (await own.json()) as { person: unknown };
        return Response.json(person);
      }),
    ]);
    expect((await store.findTurn(turnId))?.answer.rating).toBeUndefined();
    expect((await store.listRequests({ isOpen: true, limit: 10 })).total).toBe(1);
  });

  describe("a conversation that its owner deleted", () => {
    let id: string;
    let turnId: string;

    beforeEach(async () => {
      const { store, chat } = visitors.app;
      const conversation = await store.findConversationBySession(ada.id);
      if (conversation === undefined) throw new Error("Ada has no conversation.");
      ({ id } = conversation);
      turnId = (await store.listMessages(id))[0]?.turnId ?? "";
      expect(await chat.hideConversation(conversation, visitors.app.clock.now() + 30_000)).toBe(
        true,
      );
    });

    async function expectNoTurn(): Promise<void> {
      for (const token of [undefined, mallory.token, ada.token]) {
        expect((await visitors.resume(turnId, token)).status).toBe(404);
        expect((await visitors.stop(turnId, token)).status).toBe(404);
      }
    }

    test("is read, resumed and stopped by nobody, also when it is restored beside a new one", async () => {
      await expectNoTurn();
      await visitors.ask(ada, "I am back");
      expect(await visitors.app.chat.restoreConversation(id)).toBe(true);
      await expectNoTurn();
      expect((await askAsOwner(visitors.app, `/${id}`)).status).toBe(200);
    });

    test.each([
      ["its visitor", () => visitors.history(`sessionId=${ada.id}`, ada.token, "DELETE")],
      ["the API", () => askAsOwner(visitors.app, `/${id}`, { method: "DELETE" })],
    ])("is erased for good by %s", async (_, erase) => {
      expect((await erase()).status).toBe(204);
      expect(await visitors.app.chat.restoreConversation(id)).toBe(false);
    });
  });

  test("two tokens in one request count as no token", async () => {
    const query = `sessionId=${ada.id}`;
    const tokens = [`${mallory.token}, ${ada.token}`, `${ada.token}, ${mallory.token}`];
    await expectUntouched(tokens.map((token) => visitors.history(query, token)));
  });

  test("a token opens only the session whose id matches to the letter", async () => {
    const [head = "", tail = ""] = [ada.id.slice(0, 3), ada.id.slice(3)];
    const near = [`${head}${tail.toLowerCase()}`, `${head.toUpperCase()}${tail}`, `${ada.id}.`];
    const other = near.filter((id) => id !== ada.id).map((id) => `sessionId=${id}`);
    const attempts = other.map((query) => visitors.history(query, ada.token));
    for (const response of await Promise.all(attempts)) expect(response.status).toBe(401);
  });

  test("a turn under way can be read and stopped only with its session's token", async () => {
    visitors.model.hold();
    const turnId = await visitors.begin(ada, "And my address is 4711 Main Street");
    for (const token of [undefined, mallory.token, `${ada.token}x`]) {
      for (const response of await Promise.all([
        visitors.resume(turnId, token),
        visitors.stop(turnId, token),
      ])) {
        expect(response.status).toBe(401);
        expect(await response.text()).not.toContain("4711");
      }
    }
    const stopped = await visitors.stop(turnId, ada.token);
    expect([stopped.status, await stopped.json()]).toMatchObject([
      200,
      { turnId, finishReason: "stopped" },
    ]);
  });

  test("the conversation id and turn id of an answer do not open a session, a thread or another turn", async () => {
    const answer = await (await visitors.ask(ada, "Again")).json();
    const { conversationId, turnId } = answer as { conversationId: string; turnId: string };
    const attempts = [
      visitors.history(`sessionId=${conversationId}`, ada.token),
      visitors.history(`sessionId=${turnId}`, ada.token),
      visitors.resume(conversationId, ada.token),
      visitors.get(`/v1/admin/conversations/${conversationId}`, ada.token),
      visitors.get(`/dashboard/conversations/${conversationId}`, ada.token),
    ];
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 404, 401, 401]);
  });

  test("message numbers and guesses near an id open nothing, not even to the owner", async () => {
    const found = await visitors.app.store.findConversationBySession(ada.id);
    const id = found?.id ?? "";
    for (const guess of ["1", "2", "0", "-1", "c_1", id.slice(0, -1), `${id}A`, "%25", "*"]) {
      expect((await visitors.resume(guess)).status).toBe(404);
      expect((await askAsOwner(visitors.app, `/${guess}`)).status).toBe(404);
      expect((await askAsOwner(visitors.app, `/${guess}`, { method: "DELETE" })).status).not.toBe(
        204,
      );
    }
  });

  test("sessions, conversations and turns have unguessable ids", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 50; i++) {
      const session = await visitors.mint();
      const shown = await (await visitors.ask(session, "Hi")).json();
      const { conversationId, turnId } = shown as { conversationId: string; turnId: string };
      ids.push(session.id, conversationId, turnId);
    }
    expect(new Set(ids).size).toBe(150);
    for (const id of ids) expect(id).toMatch(/^[sct]_[A-Za-z0-9_-]{22}$/);
    // 128 random bits: the character at each place varies from id to id.
    for (let place = 2; place < 23; place++) {
      expect(new Set(ids.map((id) => id.charAt(place))).size).toBeGreaterThan(20);
    }
  });
});
