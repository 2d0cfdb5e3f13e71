import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { ADMIN_KEY } from "../../harness/chat-requests.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { parseExposition } from "../../harness/exposition.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { answerAsAsked } from "../../harness/scripted-answers.ts";
import { followBody, parseNdjson } from "../../harness/streams.ts";
import { formTokenIn } from "../support/dashboard-requests.ts";
import { hasServers } from "./servers.ts";
import {
  expectWhole,
  lastEvent,
  listen,
  newQuestion,
  newVisitor,
  turnIdIn,
  type Visitor,
} from "./visitor.ts";

/** Every endpoint, while each request goes to another of three replicas of the binary. */

setDefaultTimeout(60_000);

const PASSWORD = "dashboard-password-for-e2e";
/** More than any test here sends from one address in a minute, but for the one of the limit. */
const MAX_REQUESTS = 120;

/** The replica that gets the question, another one, and the third. */
const PAIRS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

let cluster: Cluster;

function replica(index: number): Replica {
  const found = cluster.replicas[index];
  if (!found) throw new Error(`There is no replica ${index}.`);
  return found;
}

/** Asks as the owner, and returns the body. */
async function adminText(url: string, path: string, method = "GET"): Promise<string> {
  const headers = { "x-admin-api-key": ADMIN_KEY };
  const response = await fetch(`${url}/v1/admin/conversations${path}`, { method, headers });
  expect(response.ok).toBe(true);
  return response.text();
}

async function askToTheEnd(visitor: Visitor, url: string, question = newQuestion(3, 0)) {
  const events = await listen(await visitor.ask(url, question)).end;
  expectWhole(events, question);
  return { question, turnId: turnIdIn(events) };
}

describe.skipIf(!hasServers)("three replicas", () => {
  beforeAll(async () => {
    cluster = await startCluster({
      script: answerAsAsked,
      settings: {
        DASHBOARD_PASSWORD: PASSWORD,
        TRUST_PROXY: "1",
        RATE_LIMIT_MAX_REQUESTS: `${MAX_REQUESTS}`,
      },
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    await cleanUp();
  });

  test.each(PAIRS)(
    "an answer of replica %d is read from its start at %d, from its middle at %d, and by its key",
    async (a, b, c) => {
      const [owner, other, third] = [replica(a), replica(b), replica(c)];
      const visitor = await newVisitor(third.url);
      const question = newQuestion(40, 12);
      const asked = listen(await visitor.ask(owner.url, question));
      await asked.until(8);
      const turnId = turnIdIn(asked.events);

      const { activeTurnId } = await visitor.history(other.url);
      expect(activeTurnId).toBe(turnId);
      const fromStart = listen(await visitor.resume(other.url, turnId));
      const fromMiddle = listen(await visitor.resume(third.url, turnId, 5));
      const repeated = listen(await visitor.ask(other.url, question));
      const json = visitor.ask(third.url, question, { path: "/v1/chat" });
      const ndjson = await visitor.ask(other.url, question, { path: "/chat" });
      const head = await visitor.fetch(other.url, "HEAD", `/v1/chat/stream/${turnId}`);
      expect([head.status, head.headers.get("content-type")]).toEqual([
        200,
        "text/event-stream; charset=utf-8",
      ]);
      expectWhole(await asked.end, question);
      for (const { end } of [fromStart, repeated]) {
        expectWhole(await end, question);
        expect(await end).toEqual(await asked.end);
      }
      expectWhole(await fromMiddle.end, question, 5);
      expect(await (await json).json()).toMatchObject({ turnId, message: question.answer });
      expect(parseNdjson(await ndjson.text())).toEqual(asked.events.map(({ data }) => data));

      const last = asked.events.length;
      expect((await visitor.resume(other.url, turnId, last)).status).toBe(204);
      expect((await visitor.resume(third.url, turnId, last + 1)).status).toBe(400);
      const { messages, activeTurnId: none } = await visitor.history(third.url);
      expect(messages.map(({ content, status }) => [status, content])).toEqual([
        ["complete", question.text],
        ["complete", question.answer],
      ]);
      expect(none).toBeNull();
    },
  );

  test.each(PAIRS)(
    "an answer of replica %d is stopped at %d, and the next question is answered at %d",
    async (a, b, c) => {
      const [owner, other, third] = [replica(a), replica(b), replica(c)];
      const visitor = await newVisitor(owner.url);
      const question = newQuestion(1000, 10);
      const asked = listen(await visitor.ask(owner.url, question));
      await asked.until(5);
      const turnId = turnIdIn(asked.events);

      const stopped = await visitor.stop(other.url, turnId);
      expect(stopped.status).toBe(200);
      const { message, finishReason } = (await stopped.json()) as Stopped;
      expect(finishReason).toBe("stopped");
      expect(question.answer).toStartWith(message);
      expect(lastEvent(await asked.end)).toMatchObject({ type: "done", message, finishReason });
      const resumed = await listen(await visitor.resume(third.url, turnId)).end;
      expect(lastEvent(resumed)).toEqual(lastEvent(asked.events));
      await askToTheEnd(visitor, third.url);
    },
  );

  test.each(PAIRS)(
    "an answer of replica %d is erased at %d, and nowhere readable afterwards, also not at %d",
    async (a, b, c) => {
      const [owner, other, third] = [replica(a), replica(b), replica(c)];
      const visitor = await newVisitor(owner.url);
      const ended = await askToTheEnd(visitor, third.url);
      const asked = listen(await visitor.ask(owner.url, newQuestion(1000, 10)));
      await asked.until(3);
      const turnId = turnIdIn(asked.events);

      const erased = await visitor.fetch(
        other.url,
        "DELETE",
        `/v1/chat/history?sessionId=${visitor.sessionId}`,
      );
      expect(erased.status).toBe(204);
      expect(lastEvent(await asked.end)).toMatchObject({ finishReason: "stopped" });
      for (const { url } of [owner, other, third]) {
        expect((await visitor.resume(url, turnId)).status).toBe(404);
        expect((await visitor.resume(url, ended.turnId)).status).toBe(404);
        expect((await visitor.history(url)).messages).toEqual([]);
      }
      await askToTheEnd(visitor, owner.url);
      expect((await visitor.history(other.url)).messages).toHaveLength(2);
    },
  );

  test("a question that is sent 30 times with one key is answered once, at whatever replicas", async () => {
    const visitor = await newVisitor(replica(0).url);
    const question = newQuestion(20, 10);
    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, index) =>
        listen(await visitor.ask(replica(index % 3).url, question)),
      ),
    );
    const events = await Promise.all(answers.map(({ end }) => end));
    for (const each of events) expectWhole(each, question);
    expect(new Set(events.map(turnIdIn)).size).toBe(1);
    expect((await visitor.history(replica(1).url)).messages).toHaveLength(2);
    const asked = cluster.model.calls.filter(
      ({ body }) => body.messages.at(-1)?.content === question.text,
    );
    expect(asked).toHaveLength(1);
  });

  test("of 30 questions that a session sends at once to all replicas, one is answered", async () => {
    const visitor = await newVisitor(replica(0).url);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        visitor.ask(replica(index % 3).url, newQuestion(20, 20)),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 29 }, () => 409)]);
    const whole = answers.find(({ status }) => status === 200);
    if (whole) await listen(whole).end;
    expect((await visitor.history(replica(2).url)).messages).toHaveLength(2);
  });

  test("the same key with other words is refused at every replica, during the answer and after it", async () => {
    const visitor = await newVisitor(replica(0).url);
    const question = newQuestion(30, 10);
    const other = { ...newQuestion(1, 0), key: question.key };
    const asked = listen(await visitor.ask(replica(0).url, question));
    await asked.until(2);
    const urls = [replica(0).url, replica(1).url, replica(2).url];
    const refusals = () => Promise.all(urls.map((url) => visitor.ask(url, other)));
    expect((await refusals()).map(({ status }) => status)).toEqual([422, 422, 422]);
    await asked.end;
    expect((await refusals()).map(({ status }) => status)).toEqual([422, 422, 422]);
  });

  test("the admin API shows the same at every replica, and what one erases is gone from all", async () => {
    const visitor = await newVisitor(replica(0).url);
    const { question } = await askToTheEnd(visitor, replica(0).url);
    const { conversationId } = await visitor.history(replica(1).url);
    const word = question.answer.split(" ").at(-1) ?? "";
    const paths = ["?limit=5", `?q=${word}`, `/${conversationId}`, "/export", "/export?format=csv"];
    for (const path of paths) {
      const bodies = await Promise.all(cluster.replicas.map(({ url }) => adminText(url, path)));
      expect(bodies[0]).toContain(visitor.sessionId);
      expect(bodies[1]).toBe(bodies[0] ?? "");
      expect(bodies[2]).toBe(bodies[0] ?? "");
    }
    await adminText(replica(2).url, `/${conversationId}`, "DELETE");
    for (const { url } of cluster.replicas) {
      expect(await adminText(url, "?limit=5")).not.toContain(visitor.sessionId);
    }
  });

  test("a login at one replica holds at the others, and ends everywhere with a logout at any", async () => {
    const [first, second, third] = [replica(0), replica(1), replica(2)];
    const cookie = await logIn(first.url);
    const page = await openPage(second.url, "/dashboard/setup", cookie);
    expect(page.status).toBe(200);
    const formToken = formTokenIn(await page.text());
    const logout = await fetch(`${third.url}/dashboard/logout`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ formToken }).toString(),
    });
    expect(logout.status).toBe(303);
    for (const { url } of cluster.replicas) {
      expect((await openPage(url, "/dashboard", cookie)).status).toBe(401);
    }
  });

  test("a dashboard at one replica hears of what visitors ask and the owner erases at the others", async () => {
    const cookie = await logIn(replica(1).url);
    const feed = followBody(await openPage(replica(1).url, "/dashboard/events", cookie));
    await feed.until("event: published");
    const visitor = await newVisitor(replica(0).url);
    await askToTheEnd(visitor, replica(0).url);
    const { conversationId } = await visitor.history(replica(0).url);
    const news = (kind: string) => `data: ${JSON.stringify({ conversationId, kind })}`;
    await feed.until(news("question"));
    await feed.until(news("answer"));
    await adminText(replica(2).url, `/${conversationId}`, "DELETE");
    await feed.until(news("erased"));
    await feed.cancel();
  });

  test("a thread at one replica shows the answer that another one is writing", async () => {
    const cookie = await logIn(replica(1).url);
    const visitor = await newVisitor(replica(0).url);
    const first = await askToTheEnd(visitor, replica(0).url);
    const { conversationId } = await visitor.history(replica(0).url);
    const path = `/dashboard/events?of=${conversationId}`;
    const page = followBody(await openPage(replica(1).url, path, cookie));
    await page.until("event: published");
    const question = newQuestion(40, 50);
    const asker = listen(await visitor.ask(replica(0).url, question));
    await asker.until(3);
    const [word = ""] = question.answer.split(" ").slice(5);
    await page.until(word);
    const text = await page.until(JSON.stringify(question.answer));
    // It came in pieces.
    expect(text.split(`{"turnId":"${turnIdIn(asker.events)}"`).length).toBeGreaterThan(3);
    expect(text).not.toContain(first.turnId);
    expectWhole(await asker.end, question);
    await page.cancel();
  });

  test("the rate limit of an address counts its requests to all replicas together", async () => {
    const headers = {
      "x-api-key": "wrong-but-counted-0123456789",
      "x-forwarded-for": "192.0.2.7",
    };
    const statuses: number[] = [];
    for (let sent = 0; sent < MAX_REQUESTS + 6; sent += 1) {
      const { url } = replica(sent % 3);
      const response = await fetch(`${url}/v1/chat/stream/t_unknown`, { headers });
      await response.arrayBuffer();
      statuses.push(response.status);
    }
    expect(statuses.slice(0, MAX_REQUESTS)).not.toContain(429);
    expect(new Set(statuses.slice(MAX_REQUESTS))).toEqual(new Set([429]));
  });

  test("each replica has its own metrics and readiness, and is listed at all of them", async () => {
    for (const { url } of cluster.replicas) {
      expect((await fetch(`${url}/ready`)).status).toBe(200);
      const { values } = parseExposition(await (await fetch(`${url}/metrics`)).text());
      expect(values.get("chatporch_turns_running")).toBe(0);
      expect(values.get("chatporch_bus_up")).toBe(1);
    }
  });
});

interface Stopped {
  readonly message: string;
  readonly finishReason: string;
}

async function logIn(url: string): Promise<string> {
  const response = await fetch(`${url}/dashboard/login`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ password: PASSWORD }),
  });
  expect(response.status).toBe(303);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function openPage(url: string, path: string, cookie: string): Promise<Response> {
  return fetch(`${url}${path}`, { redirect: "manual", headers: { cookie } });
}
