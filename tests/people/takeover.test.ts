import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { followBody } from "../../harness/streams.ts";
import type { Message } from "../../src/conversation/records.ts";
import { MINUTE_MS } from "../../src/runtime/time.ts";
import { askAdmin, askAsOwner, readThread } from "../support/admin-requests.ts";
import { ADMIN_KEY, WIDGET_KEY } from "../support/test-app.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

let visitors: Visitors;
let session: Session;

beforeEach(async () => {
  visitors = startVisitors({ config: { turns: { heartbeatIntervalMs: 10_000 } } });
  session = await visitors.mint();
});
afterEach(() => visitors.close());

interface PersonEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface VisitorHistory {
  readonly conversationId: string;
  readonly messages: readonly Message[];
  readonly activeTurnId: string | null;
  readonly person?: { readonly isHere: boolean; readonly name?: string };
}

async function startConversation(): Promise<string> {
  await visitors.ask(session, "When do you open?");
  return (await readHistory()).conversationId;
}

async function readHistory(): Promise<VisitorHistory> {
  const response = await visitors.history(`sessionId=${session.id}`, session.token);
  return (await response.json()) as VisitorHistory;
}

async function asOwner(conversationId: string, what: string, body?: object, more: object = {}) {
  return askAsOwner(visitors.app, `/${conversationId}/${what}`, {
    method: "POST",
    headers: {
      "x-admin-api-key": ADMIN_KEY,
      "content-type": "application/json",
      ...more,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

async function write(conversationId: string, text: string) {
  const response = await asOwner(conversationId, "messages", { text, name: "Anna" });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: number; at: number };
}

/** A tab of the visitor. */
async function openTab(after?: number, headers: Record<string, string> = {}) {
  const since = after === undefined ? "" : `&after=${after}`;
  const query = `sessionId=${session.id}${since}`;
  const response = await visitors.app.fetch(`/v1/chat/events?${query}`, {
    headers: { "x-api-key": WIDGET_KEY, "x-session-token": session.token, ...headers },
  });
  expect(response.status).toBe(200);
  return followBody(response);
}

function eventsIn(text: string): PersonEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block.startsWith("id: ") || block.startsWith("event: "))
    .map((block) => {
      const fields = new Map(
        block.split("\n").map((line) => {
          const [name = "", ...value] = line.split(": ");
          return [name, value.join(": ")] as const;
        }),
      );
      const id = fields.get("id");
      const data = JSON.parse(fields.get("data") ?? "") as PersonEvent["data"];
      return { event: fields.get("event") ?? "", data, ...(id && { id }) };
    });
}

function textsIn(text: string): unknown[] {
  return eventsIn(text)
    .filter(({ event }) => event === "message")
    .map(({ data }) => data["text"]);
}

/** What the owner wrote, in the order in which it is stored. */
async function storedTexts(): Promise<unknown[]> {
  return wordsOf((await readHistory()).messages);
}

function wordsOf(messages: readonly Message[]): string[] {
  return messages.flatMap(({ author, content }) => (author ? [content] : []));
}

/** The end of the stream's events once the conversation is given back. */
const EVENT_GONE = /"isHere":true[^]*"isHere":false/;

describe("a conversation that the owner has taken over", () => {
  test("takes questions and asks no model, and its history says who is there and what he wrote", async () => {
    const conversationId = await startConversation();
    expect((await readHistory()).person).toBeUndefined();
    expect((await asOwner(conversationId, "takeover", { name: "Anna" })).status).toBe(204);
    const asked = await visitors.ask(session, "Are you real?");
    expect(await asked.json()).toEqual({
      conversationId,
      turnId: expect.any(String),
      message: "",
      finishReason: "person",
    });
    const { id } = await write(conversationId, "Yes, I am.");
    const history = await readHistory();
    expect(history.person).toEqual({ isHere: true, name: "Anna" });
    expect(history.messages.slice(2)).toMatchObject([
      { role: "user", content: "Are you real?" },
      { role: "assistant", content: "", status: "complete", finishReason: "person" },
      { id, role: "assistant", content: "Yes, I am.", author: { kind: "owner", name: "Anna" } },
    ]);
    const thread = await readThread(visitors.app, conversationId);
    expect(thread).toMatchObject({ takeover: { name: "Anna" } });
  });

  test("streams a question's turn as its start and its end, also again and under its key", async () => {
    const conversationId = await startConversation();
    await asOwner(conversationId, "takeover");
    const body = JSON.stringify({ sessionId: session.id, message: "Hello?" });
    const streamed = await visitors.post("/v1/chat/stream", body, session.token);
    const text = await followBody(streamed).end();
    const [, turnId = ""] = /"turnId":"([^"]+)"/.exec(text) ?? [];
    expect(eventsIn(text).map(({ data }) => data["type"])).toEqual(["start", "done"]);
    expect(text).toContain('"finishReason":"person"');
    const resumed = await visitors.resume(turnId, session.token);
    expect(await followBody(resumed).end()).toContain('"finishReason":"person"');
  });

  test("is the model's again once it is given back, and 30 minutes after the owner's last word", async () => {
    const conversationId = await startConversation();
    await asOwner(conversationId, "takeover");
    const path = `/${conversationId}/takeover`;
    expect((await askAsOwner(visitors.app, path, { method: "DELETE" })).status).toBe(204);
    expect(await (await visitors.ask(session, "Model?")).json()).toMatchObject({
      message: "Hello there",
    });
    await write(conversationId, "I am back.");
    expect((await readHistory()).person).toEqual({ isHere: true, name: "Anna" });
    visitors.app.clock.advance(30 * MINUTE_MS);
    expect((await readHistory()).person).toEqual({ isHere: false });
    expect(await (await visitors.ask(session, "Model?")).json()).toMatchObject({
      message: "Hello there",
    });
  });

  test("has no other answer after the one that was under way, which ends with what was said", async () => {
    visitors.model.hold();
    const turnId = await visitors.begin(session, "Tell me everything.");
    const { conversationId } = await readHistory();
    const { id } = await write(conversationId, "Let me tell you.");
    const { messages, activeTurnId } = await readHistory();
    expect(activeTurnId).toBeNull();
    expect(messages).toMatchObject([
      { content: "Tell me everything." },
      { turnId, content: "Hello", status: "stopped", finishReason: "stopped" },
      { id, content: "Let me tell you." },
    ]);
  });

  test("stops the answer to a question that comes at the same moment", async () => {
    const conversationId = await startConversation();
    visitors.model.hold();
    for (let round = 0; round < 5; round += 1) {
      const [asked] = await Promise.all([
        visitors.ask(session, `Question ${round}?`),
        write(conversationId, `Message ${round}.`),
      ]);
      const answer = (await asked.json()) as { finishReason: string };
      expect(["stopped", "person", "stop"]).toContain(answer.finishReason);
    }
    const { messages, activeTurnId } = await readHistory();
    expect(activeTurnId).toBeNull();
    expect(messages.filter(({ author }) => author).map(({ content }) => content)).toEqual(
      Array.from({ length: 5 }, (_, round) => `Message ${round}.`),
    );
  });
});

describe("the stream of what the owner does", () => {
  test("says whether he is there, and brings each message once and in order to every tab", async () => {
    const conversationId = await startConversation();
    const tabs = [await openTab(), await openTab()];
    for (const tab of tabs) await tab.until('"isHere":false');
    const { id } = await write(conversationId, "One.");
    await Promise.all([write(conversationId, "Two."), write(conversationId, "Three.")]);
    await askAsOwner(visitors.app, `/${conversationId}/takeover`, { method: "DELETE" });
    for (const tab of tabs) {
      const text = await tab.until('"Three."');
      await tab.until(EVENT_GONE);
      expect(eventsIn(tab.text()).map(({ event }) => event)).toEqual([
        "person",
        "person",
        "message",
        "message",
        "message",
        "person",
      ]);
      expect(eventsIn(text)[1]).toEqual({ event: "person", data: { isHere: true, name: "Anna" } });
      expect(eventsIn(text)[2]).toEqual({
        event: "message",
        id: `${id}`,
        data: { id, text: "One.", name: "Anna", at: expect.any(Number) },
      });
      expect(textsIn(text)).toEqual(await storedTexts());
      await tab.cancel();
    }
  });

  test("goes on after the message that the client has, by header and by query", async () => {
    const conversationId = await startConversation();
    const { id } = await write(conversationId, "One.");
    await write(conversationId, "Two.");
    const byQuery = await openTab(id);
    expect(textsIn(await byQuery.until('"Two."'))).toEqual(["Two."]);
    const byHeader = await openTab(0, { "last-event-id": `${id}` });
    expect(textsIn(await byHeader.until('"Two."'))).toEqual(["Two."]);
    // A client that has read the history names its last message, and misses nothing that comes in between.
    const fromStart = await openTab(0);
    expect(textsIn(await fromStart.until('"Two."'))).toEqual(["One.", "Two."]);
    const fromNow = await openTab();
    await write(conversationId, "Three.");
    for (const tab of [byQuery, byHeader, fromStart, fromNow]) await tab.until('"Three."');
    expect(textsIn(fromNow.text())).toEqual(["Three."]);
    for (const tab of [byQuery, byHeader, fromStart, fromNow]) await tab.cancel();
  });

  test("brings more messages than are read at a time, to a client that reads slowly", async () => {
    const conversationId = await startConversation();
    const texts = Array.from({ length: 45 }, (_, n) => `Message ${n}.`);
    for (const text of texts) await write(conversationId, text);
    const tab = await openTab(0);
    expect(textsIn(await tab.until('"Message 44."'))).toEqual(texts);
    await tab.cancel();
  });

  test("says that he writes, and nothing of other conversations", async () => {
    const conversationId = await startConversation();
    const other = await visitors.ask(await visitors.mint(), "Hi");
    const { conversationId: otherId } = (await other.json()) as { conversationId: string };
    const tab = await openTab();
    await tab.until('"isHere":false');
    await write(otherId, "For somebody else.");
    expect((await asOwner(otherId, "typing")).status).toBe(204);
    expect((await asOwner(conversationId, "typing")).status).toBe(204);
    const text = await tab.until("event: typing");
    expect(eventsIn(text).map(({ event }) => event)).toEqual(["person", "typing"]);
    expect(text).not.toContain("somebody else");
    await tab.cancel();
  });

  test("brings the visitor's newest request for a person, and that it was closed", async () => {
    await visitors.close();
    visitors = startVisitors({ env: { PERSON: "always" } });
    session = await visitors.mint();
    const conversationId = await startConversation();
    const tab = await openTab();
    await tab.until('"isHere":false');
    const contact = { kind: "email", value: "ada@example.com" };
    const body = JSON.stringify({ sessionId: session.id, contact, consent: "Yes." });
    await visitors.post("/v1/chat/requests", body, session.token);
    await tab.until('"isOpen":true');
    await write(conversationId, "I am here.");
    await tab.until("I am here.");
    const [{ id = "" } = {}] = await visitors.app.store.requestsOf(conversationId);
    await askAdmin(visitors.app, `/v1/admin/requests/${id}/close`, { method: "POST" });
    const text = await tab.until('"isOpen":false');
    expect(eventsIn(text).map(({ event }) => event)).toEqual([
      "person",
      "request",
      "person",
      "message",
      "request",
    ]);
    expect(text).not.toContain("ada@");
    await tab.cancel();
  });

  test("ends when the conversation is erased, and is not found after that", async () => {
    const conversationId = await startConversation();
    const tab = await openTab();
    await tab.until('"isHere":false');
    await askAsOwner(visitors.app, `/${conversationId}`, { method: "DELETE" });
    await tab.end();
    const path = `/v1/chat/events?sessionId=${session.id}`;
    expect((await visitors.get(path, session.token)).status).toBe(404);
  });

  test("is for the session's own visitor only", async () => {
    await startConversation();
    const stranger = await visitors.mint();
    const path = `/v1/chat/events?sessionId=${session.id}`;
    expect((await visitors.get(path, stranger.token)).status).toBe(401);
    expect((await visitors.get(path)).status).toBe(401);
    expect((await visitors.get("/v1/chat/events?sessionId=bare")).status).toBe(401);
    expect((await visitors.get(`${path}&after=x`, session.token)).status).toBe(400);
  });

  test("gives its place back, and a visitor's waiting takes no place of an answer", async () => {
    await startConversation();
    const { metrics } = visitors.app;
    const tab = await openTab();
    await tab.until('"isHere":false');
    expect(metrics.write()).toContain("chatporch_person_streams_open 1\n");
    expect(metrics.write()).toContain("chatporch_streams_open 0\n");
    await tab.cancel();
    expect(metrics.write()).toContain("chatporch_person_streams_open 0\n");
  });
});

describe("a visitor and the owner who write at once", () => {
  test("see the same in the stored order, however often a tab reloads in between", async () => {
    const conversationId = await startConversation();
    await write(conversationId, "Message 0.");
    const staying = await openTab(0);
    const writing = (async () => {
      for (let n = 1; n < 20; n += 1) {
        await Promise.all([
          write(conversationId, `Message ${n}.`),
          visitors.ask(session, `Question ${n}?`),
        ]);
      }
    })();
    // Each tab reads the history, and then what comes after it, as a page does that is loaded.
    for (let reload = 0; reload < 8; reload += 1) {
      const { messages } = await readHistory();
      const tab = await openTab(messages.at(-1)?.id);
      await tab.until('"isHere":true');
      const seen = [...wordsOf(messages), ...textsIn(tab.text())];
      expect(seen).toEqual(Array.from(seen, (_, n) => `Message ${n}.`));
      await tab.cancel();
    }
    await writing;
    expect(textsIn(await staying.until('"Message 19."'))).toEqual(await storedTexts());
    await staying.cancel();
    const { messages } = await readHistory();
    const questions = messages.filter(({ role }) => role === "user").map(({ content }) => content);
    expect(questions.slice(1)).toEqual(Array.from({ length: 19 }, (_, n) => `Question ${n + 1}?`));
    expect(messages.filter(({ finishReason }) => finishReason === "person")).toHaveLength(19);
  });
});

describe("an owner's request", () => {
  test("is refused with a sentence, and changes nothing", async () => {
    const conversationId = await startConversation();
    for (const body of [
      {},
      { text: " " },
      { text: "x".repeat(4001) },
      { text: "Hi", name: "a\nb" },
    ]) {
      expect((await asOwner(conversationId, "messages", body)).status).toBe(400);
    }
    expect((await asOwner("c_unknown", "messages", { text: "Hi" })).status).toBe(404);
    expect((await asOwner("c_unknown", "takeover")).status).toBe(404);
    expect((await asOwner("c_unknown", "typing")).status).toBe(404);
    expect((await readHistory()).person).toBeUndefined();
    expect((await readHistory()).messages).toHaveLength(2);
  });

  test("is refused where the visitor's client has a session id of its own, and the model answers on", async () => {
    const ask = async () => {
      const body = JSON.stringify({ sessionId: "his-own", message: "Hello?" });
      const response = await visitors.post("/v1/chat", body);
      return (await response.json()) as { conversationId: string; message: string };
    };
    const { conversationId } = await ask();
    for (const what of ["takeover", "messages"]) {
      const response = await asOwner(
        conversationId,
        what,
        what === "messages" ? { text: "Hi" } : {},
      );
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ code: "visitor_unreachable" });
    }
    expect(await ask()).toMatchObject({ message: "Hello there" });
    const path = `/${conversationId}/takeover`;
    expect((await askAsOwner(visitors.app, path, { method: "DELETE" })).status).toBe(204);
  });

  test("that is repeated under its key stores one message, and other words under it are refused", async () => {
    const conversationId = await startConversation();
    const key = { "idempotency-key": "once" };
    const first = await asOwner(conversationId, "messages", { text: "Hi" }, key);
    const again = await asOwner(conversationId, "messages", { text: "Hi" }, key);
    expect(await again.json()).toEqual(await first.json());
    const other = await asOwner(conversationId, "messages", { text: "Ho" }, key);
    expect(other.status).toBe(422);
    expect(await storedTexts()).toEqual(["Hi"]);
  });

  test("without a name writes under the name of the takeover, or the usual one", async () => {
    const conversationId = await startConversation();
    await asOwner(conversationId, "messages", { text: "One" });
    await asOwner(conversationId, "takeover", { name: " Ben " });
    await asOwner(conversationId, "messages", { text: "Two" });
    const { messages } = await readHistory();
    const names = messages.flatMap(({ author }) => (author ? [author.name] : []));
    expect(names).toEqual(["Team", "Ben"]);
  });

  test("leaves empty answers out of exports, and his name stands there", async () => {
    const conversationId = await startConversation();
    await asOwner(conversationId, "takeover", { name: "Anna *" });
    await visitors.ask(session, "Hello?");
    await asOwner(conversationId, "messages", { text: "# I am _here_" });
    const read = async (format: string) =>
      (await askAsOwner(visitors.app, `/${conversationId}/export?format=${format}`)).text();
    const lines = (await read("ndjson")).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect((await read("csv")).trimEnd()).toEndWith(",Anna *,,,,");
    const markdown = await read("markdown");
    expect(markdown).toContain("## Anna \\*, ");
    expect(markdown).toContain("\\# I am \\_here\\_");
  });
});
