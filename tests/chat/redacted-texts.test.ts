import { afterEach, beforeEach, expect, test } from "bun:test";

import { WIDGET_KEY } from "../support/test-app.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

/** What else a visitor writes: comments, notes, and questions for a person. */

const ENV = { PERSON: "always", REDACT: "cards,ibans,emails,phones", REDACT_BEFORE: "storage" };
const CONTACT = { kind: "email", value: "ada@example.com" };
const CONSENT = "You may write to me about this.";

let visitors: Visitors;
let ada: Session;

beforeEach(async () => {
  visitors = startVisitors({ env: ENV });
  ada = await visitors.mint();
});
afterEach(() => visitors.close());

async function requests() {
  return (await visitors.app.store.listRequests({ isOpen: true, limit: 10 })).requests;
}

function request(body: Record<string, unknown>) {
  const whole = { sessionId: ada.id, consent: CONSENT, contact: CONTACT, ...body };
  return visitors.post("/v1/chat/requests", JSON.stringify(whole), ada.token);
}

test("the comment of a rating is stored without numbers", async () => {
  const turn = (await (await visitors.ask(ada, "Hi")).json()) as { turnId: string };
  const body = { rating: "negative", comment: "My card is 4111 1111 1111 1111!" };
  const path = `/v1/chat/turns/${turn.turnId}/rating`;
  const headers = { "content-type": "application/json", "x-session-token": ada.token };
  const init = {
    method: "PUT",
    headers: { ...headers, "x-api-key": WIDGET_KEY },
    body: JSON.stringify(body),
  };
  expect((await visitors.app.fetch(path, init)).status).toBe(204);
  const stored = await visitors.app.store.findTurn(turn.turnId);
  expect(stored?.answer.rating?.comment).toBe("My card is •••• •••• •••• ••••!");
});

test("the note of a request is stored without numbers, and the address that the visitor leaves stays", async () => {
  await visitors.ask(ada, "Hi");
  expect((await request({ note: "Or at eva@example.com" })).status).toBe(201);
  const [stored] = await requests();
  expect(stored).toMatchObject({ note: "Or at •••@•••••••.•••", contact: CONTACT });
});

test("a question that is left to a person is stored without numbers, and is there once", async () => {
  const question = "Why is 4111 1111 1111 1111 refused?";
  expect((await request({ question })).status).toBe(201);
  expect((await request({ question })).status).toBe(201);
  const history = await visitors.history(`sessionId=${ada.id}`, ada.token);
  const { messages } = (await history.json()) as { messages: { role: string; content: string }[] };
  const asked = messages.filter(({ role }) => role === "user").map(({ content }) => content);
  expect(asked).toEqual(["Why is •••• •••• •••• •••• refused?"]);
});
