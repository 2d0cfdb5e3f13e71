import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import type { ShownPerson, ShownRequest } from "../../src/people/requests.ts";
import { HOUR_MS } from "../../src/runtime/time.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

/** Requests for a person, as a visitor's client sends them. */

const CONSENT = "You may write to me about this.";
const EMAIL = { kind: "email", value: "ada@example.com" };

let visitors: Visitors;
let ada: Session;

async function start(env: Record<string, string> = { PERSON: "always" }): Promise<void> {
  visitors = startVisitors({ env });
  ada = await visitors.mint();
  await visitors.ask(ada, "When do you open?");
}

beforeEach(() => start());
afterEach(() => visitors.close());

function send(body: Record<string, unknown> = {}, session: Session = ada) {
  const whole = { sessionId: session.id, consent: CONSENT, contact: EMAIL, ...body };
  return visitors.post("/v1/chat/requests", JSON.stringify(whole), session.token);
}

async function added(body: Record<string, unknown> = {}, session: Session = ada) {
  const response = await send(body, session);
  expect(response.status).toBe(201);
  return ((await response.json()) as { request: ShownRequest }).request;
}

async function person(session: Session = ada): Promise<ShownPerson | undefined> {
  const response = await visitors.history(`sessionId=${session.id}`, session.token);
  return ((await response.json()) as { person?: ShownPerson }).person;
}

async function stored() {
  return (await visitors.app.store.listRequests({ isOpen: true, limit: 100 })).requests;
}

describe("a request for a person", () => {
  test("is stored with contact, note and the sentence that was shown, and its visitor sees it masked", async () => {
    const note = "  Please call\nafter six. ";
    const response = await send({ note, consent: ` ${CONSENT}\n` });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-session-token")).not.toBeNull();
    const text = await response.text();
    expect(text).not.toContain("ada@");
    const { request } = JSON.parse(text);
    const at = visitors.app.clock.now();
    const id = expect.stringMatching(/^p_[\w-]{22}$/);
    expect(request).toEqual({ id, at, isOpen: true, contact: "a…@example.com" });
    expect(await stored()).toEqual([
      {
        id: request.id,
        conversationId: expect.any(String),
        turnId: expect.any(String),
        contact: { kind: "email", value: "ada@example.com" },
        note: "Please call\nafter six.",
        consent: CONSENT,
        at,
      },
    ]);
    expect(await person()).toEqual({ request, isHere: false });
    expect(visitors.app.metrics.write()).toContain("chatporch_requests_for_person_total 1\n");
  });

  test("needs no contact again, and may name another", async () => {
    await added();
    expect((await added({ contact: undefined })).contact).toBe("a…@example.com");
    const phone = { kind: "phone", value: " +49 30 12345-67 " };
    expect((await added({ contact: phone })).contact).toBe("…67");
    expect((await stored()).map(({ contact }) => contact.value).toSorted()).toEqual([
      "+49 30 12345-67",
      "ada@example.com",
      "ada@example.com",
    ]);
  });

  test("is not open any more once the owner has closed it", async () => {
    const { id } = await added();
    await visitors.app.store.closeRequest(id, visitors.app.clock.now());
    expect(await person()).toMatchObject({ request: { id, isOpen: false }, isHere: false });
  });

  test("is erased with its conversation", async () => {
    await added();
    await visitors.history(`sessionId=${ada.id}`, ada.token, "DELETE");
    expect(await stored()).toEqual([]);
    expect(await person()).toEqual({ isHere: false });
  });

  test("is told to open pages of the dashboard", async () => {
    const kinds: string[] = [];
    const leave = visitors.app.chat.activity.subscribe({
      onActivity: ({ kind }) => kinds.push(kind),
      onEnd() {},
    });
    await added();
    leave();
    expect(kinds).toEqual(["request"]);
  });
});

describe("opening hours", () => {
  test("are shown with the request: whether somebody is there, and when next", async () => {
    await visitors.close();
    const hours = "Mo-Fr 09:00-17:00 Europe/Berlin";
    await start({ PERSON: "poor", HOURS: hours });
    expect(await person()).toEqual({ isHere: false, hours });
    // It is Monday, 13:00 in Berlin.
    const open = await added();
    expect(open).toMatchObject({ isOpenNow: true });
    expect(open).not.toHaveProperty("opensAt");
    visitors.app.clock.advance(8 * HOUR_MS);
    expect((await person())?.request).toMatchObject({
      isOpenNow: false,
      opensAt: Date.parse("2026-11-24T08:00:00Z"),
    });
  });
});

describe("a request that is refused stores nothing:", () => {
  afterEach(async () => expect(await stored()).toHaveLength(0));

  test("where no person is offered, and the history says nothing of one", async () => {
    await visitors.close();
    await start({});
    expectError(await readAnswer(await send()), "person_off");
    expect(await person()).toBeUndefined();
  });

  test.each([
    ["a bare session id", () => ({ id: "visitor-1", token: "" })],
    ["no token", () => ({ id: ada.id, token: "" })],
    ["a wrong token", () => ({ id: ada.id, token: `${ada.token}x` })],
  ])("of %s", async (_, session) => {
    await visitors.ask({ id: "visitor-1", token: "" }, "Hi");
    expectError(await readAnswer(await send({}, session())), "session_token_invalid");
  });

  test("in the name of another session, or after a turn of it", async () => {
    const mallory = await visitors.mint();
    const asMallory = await send({ sessionId: ada.id }, mallory);
    expectError(await readAnswer(asMallory), "session_token_invalid");
    await visitors.ask(mallory, "Hi");
    const conversation = await visitors.app.store.findConversationBySession(ada.id);
    const [message] = await visitors.app.store.listMessages(conversation?.id ?? "");
    const afterAdas = await send({ turnId: message?.turnId }, mallory);
    expectError(await readAnswer(afterAdas), "not_found");
  });

  test("without a conversation", async () => {
    expectError(await readAnswer(await send({}, await visitors.mint())), "not_found");
  });

  test.each([
    ["no contact, the first time", { contact: undefined }],
    ["two addresses", { contact: { kind: "email", value: "ada@example.com,eve@example.com" } }],
    [
      "a header in it",
      { contact: { kind: "email", value: "ada@example.com\r\nBcc: e@e.example" } },
    ],
    ["a phone number of letters", { contact: { kind: "phone", value: "call me" } }],
    ["another kind of contact", { contact: { kind: "fax", value: "12345" } }],
    ["no kind of contact", { contact: { value: "ada@example.com" } }],
    ["more of a contact", { contact: { ...EMAIL, name: "Ada" } }],
    ["no consent", { consent: undefined }],
    ["an empty consent", { consent: " \n" }],
    ["a consent of 501 characters", { consent: "x".repeat(501) }],
    ["a note of 1001 characters", { note: "😀".repeat(1001) }],
    ["other properties", { closedAt: 1 }],
  ])("with %s", async (_, body) => {
    const answer = await readAnswer(await send(body));
    expectError(answer, "invalid_request");
    expect(answer.body).not.toContain("example.com");
  });
});

describe("too many requests", () => {
  test("of one session are refused for the rest of 24 hours, however they are sent", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => send()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers.get("retry-after")).toBe(String(24 * 3600));
    visitors.app.clock.advance(23 * HOUR_MS);
    expect((await send()).status).toBe(429);
    visitors.app.clock.advance(2 * HOUR_MS);
    expect((await send()).status).toBe(201);
  });

  test("of one session are refused, too, when it erases its conversation in between", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      statuses.push((await send()).status);
      await visitors.history(`sessionId=${ada.id}`, ada.token, "DELETE");
      await visitors.ask(ada, "When do you open?");
    }
    expect(statuses).toEqual([201, 201, 201, 429, 429]);
    expect(await stored()).toEqual([]);
    const other = await visitors.mint();
    await visitors.ask(other, "Hi");
    expect((await send({}, other)).status).toBe(201);
    visitors.app.clock.advance(24 * HOUR_MS);
    expect((await send()).status).toBe(201);
  });

  test("that are refused for what is in them are not counted", async () => {
    const contact = { kind: "phone", value: "call me" };
    for (let n = 0; n < 4; n += 1) expect((await send({ contact })).status).toBe(400);
    expect((await send()).status).toBe(201);
  });

  test("of one address are refused, whatever their sessions are", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 21; n += 1) {
      const session = await visitors.mint();
      await visitors.ask(session, "Hi");
      statuses.push((await send({}, session)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 201), 429]);
  });
});

describe("a request for a person with a question", () => {
  const question = "Do you deliver on Sundays?";

  async function messagesOf(session: Session) {
    const response = await visitors.history(`sessionId=${session.id}`, session.token);
    return ((await response.json()) as { messages: { role: string; content: string }[] }).messages;
  }

  test("begins the conversation of a visitor who has none, and asks no model", async () => {
    const ben = await visitors.mint();
    const { turnId } = (await (await send({ question }, ben)).json()) as { turnId: string };
    const messages = await messagesOf(ben);
    expect(messages).toMatchObject([
      { role: "user", content: question },
      { role: "assistant", content: "", finishReason: "person" },
    ]);
    const [request] = await stored();
    expect(request?.turnId).toBe(turnId);
    expect(messages[0]).toHaveProperty("turnId", turnId);
  });

  test("goes on with the conversation that there is", async () => {
    await added({ question });
    expect((await messagesOf(ada)).map(({ content }) => content)).toContain(question);
    expect(await stored()).toHaveLength(1);
  });

  test("stores the question once when it is sent again on the same day", async () => {
    await added({ question });
    await added({ question });
    const asked = (await messagesOf(ada)).filter(({ content }) => content === question);
    expect(asked).toHaveLength(1);
    expect(await stored()).toHaveLength(2);
  });

  test.each([
    ["no contact", { contact: undefined }],
    ["a wrong contact", { contact: { kind: "email", value: "ada@example" } }],
    ["too long a question", { question: "?".repeat(4001) }],
    ["an empty question", { question: " " }],
  ])("is refused with %s, and then nothing is stored", async (_what, body) => {
    const ben = await visitors.mint();
    expectError(await readAnswer(await send({ question, ...body }, ben)), "invalid_request");
    expect(await messagesOf(ben)).toEqual([]);
    expect(await stored()).toEqual([]);
  });

  test("is taken while no model is set up", async () => {
    await visitors.close();
    await start({ PERSON: "always", NODE_ENV: "production" });
    const ben = await visitors.mint();
    expectError(await readAnswer(await visitors.ask(ben, question)), "not_set_up");
    await added({ question }, ben);
    expect(await messagesOf(ben)).toHaveLength(2);
  });
});
