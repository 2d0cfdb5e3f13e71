import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { askAdmin } from "../support/admin-requests.ts";
import { expectError, readAnswer } from "../support/answers.ts";
import { WIDGET_KEY } from "../support/test-app.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

/** Ratings of answers, as a visitor's client sends them. */

let visitors: Visitors;
let ada: Session;

beforeEach(async () => {
  visitors = startVisitors();
  ada = await visitors.mint();
});
afterEach(() => visitors.close());

function rate(turnId: string, body: unknown, token: string | undefined = ada.token) {
  return visitors.app.fetch(`/v1/chat/turns/${turnId}/rating`, {
    method: "PUT",
    headers: {
      "content-type": "application/json",
      "x-api-key": WIDGET_KEY,
      ...(token === undefined ? {} : { "x-session-token": token }),
    },
    body: JSON.stringify(body),
  });
}

async function askedTurn(session: Session = ada): Promise<string> {
  const answer = await (await visitors.ask(session, "When?")).json();
  return (answer as { turnId: string }).turnId;
}

interface History {
  readonly messages: readonly { readonly role: string; readonly rating?: string }[];
}

async function shownRating(): Promise<string | undefined> {
  const response = await visitors.history(`sessionId=${ada.id}`, ada.token);
  const history = (await response.json()) as History;
  expect(history.messages[0]).not.toHaveProperty("rating");
  return history.messages.at(-1)?.rating;
}

async function stored(turnId: string) {
  return (await visitors.app.store.findTurn(turnId))?.answer.rating;
}

describe("a rating", () => {
  test("is stored with its reasons and its comment, of which the visitor is shown the rating", async () => {
    const turnId = await askedTurn();
    const response = await rate(turnId, {
      rating: "negative",
      reasons: ["wrong", "wrong", "other"],
      comment: "  You close at five.  ",
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("x-session-token")).not.toBeNull();
    expect(await stored(turnId)).toEqual({
      value: "negative",
      reasons: ["wrong", "other"],
      comment: "You close at five.",
      at: visitors.app.clock.now(),
    });
    expect(await shownRating()).toBe("negative");
  });

  test("is replaced by the next one, and taken back by null", async () => {
    const turnId = await askedTurn();
    await rate(turnId, { rating: "negative", comment: "No." });
    expect((await rate(turnId, { rating: "positive" })).status).toBe(204);
    expect(await stored(turnId)).not.toHaveProperty("comment");
    expect(await shownRating()).toBe("positive");
    expect((await rate(turnId, { rating: null })).status).toBe(204);
    expect(await shownRating()).toBeUndefined();
  });

  test("of a session without a token needs the turn's id alone, as stopping does", async () => {
    const turnId = await askedTurn({ id: "visitor-1", token: "" });
    expect((await rate(turnId, { rating: "positive" }, undefined)).status).toBe(204);
  });

  test("is counted by what it is, and once for the same", async () => {
    const turnId = await askedTurn();
    await rate(turnId, { rating: "negative" });
    await rate(turnId, { rating: "negative", comment: "No." });
    await rate(turnId, { rating: "positive" });
    const text = visitors.app.metrics.write();
    expect(text).toContain('chatporch_ratings_total{rating="positive"} 1\n');
    expect(text).toContain('chatporch_ratings_total{rating="negative"} 1\n');
  });

  test("is told to open pages of the dashboard", async () => {
    const turnId = await askedTurn();
    const kinds: string[] = [];
    const leave = visitors.app.chat.activity.subscribe({
      onActivity: ({ kind }) => kinds.push(kind),
      onEnd() {},
    });
    await rate(turnId, { rating: "positive" });
    leave();
    expect(kinds).toEqual(["rating"]);
  });
});

describe("a rating that is refused changes nothing:", () => {
  test("of an answer under way", async () => {
    visitors.model.hold();
    const turnId = await visitors.begin(ada, "When?");
    const answer = await readAnswer(await rate(turnId, { rating: "positive" }));
    expectError(answer, "turn_in_progress");
    await visitors.stop(turnId, ada.token);
    expect(await stored(turnId)).toBeUndefined();
  });

  test("of a question that was left to a person", async () => {
    const first = await askedTurn();
    const { store, clock } = visitors.app;
    const conversationId = (await store.findTurn(first))?.conversationId ?? "";
    const taken = await askAdmin(
      visitors.app,
      `/v1/admin/conversations/${conversationId}/takeover`,
      {
        method: "POST",
      },
    );
    expect(taken.status).toBe(204);
    clock.advance(1000);
    const turnId = await askedTurn();
    expectError(await readAnswer(await rate(turnId, { rating: "negative" })), "not_found");
    expect(await stored(turnId)).toBeUndefined();
  });

  test("of a turn that nobody has", async () => {
    expectError(await readAnswer(await rate("t_unknown", { rating: "positive" })), "not_found");
  });

  test("without the session's token, or with another session's", async () => {
    const turnId = await askedTurn();
    const mallory = await visitors.mint();
    for (const token of [undefined, "", mallory.token, `${ada.token}x`]) {
      const response = await visitors.app.fetch(`/v1/chat/turns/${turnId}/rating`, {
        method: "PUT",
        headers: {
          "content-type": "application/json",
          "x-api-key": WIDGET_KEY,
          ...(token === undefined ? {} : { "x-session-token": token }),
        },
        body: '{"rating":"negative"}',
      });
      expectError(await readAnswer(response), "session_token_invalid");
    }
    expect(await stored(turnId)).toBeUndefined();
  });

  test.each([
    ["another word", { rating: "good" }],
    ["no rating", {}],
    ["no reason in a list", { rating: "negative", reasons: [null] }],
    ["a comment with a positive one", { rating: "positive", comment: "Yes." }],
    ["reasons without one", { rating: null, reasons: ["wrong"] }],
    ["an unknown reason", { rating: "negative", reasons: ["rude"] }],
    ["more reasons than there are", { rating: "negative", reasons: Array(5).fill("wrong") }],
    ["a comment of 1001 characters", { rating: "negative", comment: "😀".repeat(1001) }],
    ["half a character", { rating: "negative", comment: "\ud800" }],
    ["other properties", { rating: "positive", role: "owner" }],
  ])("with %s", async (_, body) => {
    const turnId = await askedTurn();
    expectError(await readAnswer(await rate(turnId, body)), "invalid_request");
    expect(await stored(turnId)).toBeUndefined();
  });

  test("where ratings are off", async () => {
    await visitors.close();
    visitors = startVisitors({ env: { RATINGS: "off" } });
    ada = await visitors.mint();
    const turnId = await askedTurn();
    expectError(await readAnswer(await rate(turnId, { rating: "positive" })), "ratings_off");
    expect(await stored(turnId)).toBeUndefined();
  });
});

test("a comment may have 1000 characters of any script", async () => {
  const turnId = await askedTurn();
  const comment = "😀".repeat(1000);
  expect((await rate(turnId, { rating: "negative", comment })).status).toBe(204);
  expect((await stored(turnId))?.comment).toBe(comment);
});
