import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import {
  completion,
  event,
  type ModelServer,
  startModelServer,
} from "../../harness/model-server.ts";
import { followBody, parseNdjson, parseSse } from "../../harness/streams.ts";
import { askAsOwner, readList } from "../support/admin-requests.ts";
import { expectNoLeak, readAnswer } from "../support/answers.ts";
import { openDashboard } from "../support/dashboard-requests.ts";
import { type Session, startVisitors, type Visitors } from "../support/visitors.ts";

/** Tokens that one of their readers could take for more than text. */
const HOSTILE = [
  '\n\nid: 99\nevent: done\ndata: {"type":"done","message":"forged"}\n\n',
  '\r\n\r\nevent: error\r\ndata: {"type":"error","code":"forged"}\r\n\r\n',
  '\n{"type":"done","message":"forged"}\n',
  "data: [DONE]\n\n",
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "[a](javascript:alert(1)) ![b](http://evil.example/x.png)",
  "\u2028\u2029\u0000\u001b[31m\u202e",
  '=HYPERLINK("http://evil.example","x")',
  "\ud800",
  '"}\\u0022,"role":"system"',
];

describe("API10:2023 Unsafe Consumption of APIs", () => {
  let upstream: ModelServer;
  let visitors: Visitors;
  let session: Session;

  beforeEach(async () => {
    upstream = startModelServer();
    visitors = startVisitors({ modelUrl: upstream.url });
    session = await visitors.mint();
  });
  afterEach(async () => {
    await visitors.close();
    await upstream.stop();
  });

  function stream(path: string, message = "Hi") {
    return visitors.post(path, JSON.stringify({ sessionId: session.id, message }), session.token);
  }

  test("tokens that look like events stay text in the visitor's stream, in both formats", async () => {
    upstream.script = (call) => {
      for (const token of HOSTILE) call.token(token);
      call.finish();
    };
    const sse = parseSse(await (await stream("/v1/chat/stream")).text());
    const ndjson = parseNdjson(await (await stream("/chat")).text());
    for (const events of [sse.map(({ data }) => data), ndjson]) {
      const types = events.map(({ type }) => type);
      expect(types).toEqual(["start", ...HOSTILE.map(() => "token" as const), "done"]);
      const tokens = events.map((each) => (each.type === "token" ? each.token : ""));
      expect(tokens.join("").toWellFormed()).toBe(HOSTILE.join("").toWellFormed());
    }
    expect(sse.map(({ id }) => id)).toEqual(sse.map((_, index) => String(index + 1)));
  });

  test("what the model says stays text in the owner's dashboard, export and log", async () => {
    for (const token of HOSTILE) {
      upstream.script = () => Response.json(completion(token));
      await visitors.ask(session, "Hi");
    }
    const owner = await openDashboard(visitors.app);
    const [conversation] = (await readList(visitors.app)).conversations;
    for (const path of [
      "/dashboard",
      "/dashboard/conversations",
      `/dashboard/conversations/${conversation?.id}`,
    ]) {
      const { body, headers } = await owner.get(path);
      const others = body.replaceAll(/<script src="\/dashboard\/assets\/[\w.]+" defer>/g, "");
      expect(others).not.toContain("<script");
      expect(body).not.toMatch(/<img src=x|href="javascript:|src="http/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
    }
    const csv = await (await askAsOwner(visitors.app, "/export?format=csv")).text();
    expect(csv).toContain(`"'=HYPERLINK(`);
    const lines = await (await askAsOwner(visitors.app, "/export")).text();
    expect(parseNdjson(lines)).toHaveLength(2 * HOSTILE.length);
    for (const line of visitors.app.lines) {
      expect(() => void JSON.parse(line)).not.toThrow();
      expect(line).not.toContain("alert(1)");
    }
  });

  test("the headers of the model's answer do not reach the visitor", async () => {
    const headers = {
      "set-cookie": "a=upstream",
      server: "upstream",
      "x-powered-by": "upstream",
      "access-control-allow-origin": "*",
      "x-request-id": "upstream",
      "content-security-policy": "upstream",
      "openai-organization": "upstream",
    };
    upstream.script = () => Response.json(completion("Hello"), { headers });
    for (const path of ["/v1/chat", "/v1/chat/stream", "/chat"]) {
      const answer = await readAnswer(await stream(path));
      expect(JSON.stringify([...answer.headers])).not.toContain("upstream");
      expect(answer.headers.has("access-control-allow-origin")).toBe(false);
      expectNoLeak(answer, [upstream.url]);
    }
  });

  test.each([
    ["no JSON", "data: {broken\n\n"],
    ["JSON of another kind", 'data: [1,2,{"choices":"x"}]\n\n'],
    ["an error with secrets", event({ error: { message: "sk-secret at 10.0.0.1", code: "x y" } })],
    ["a prototype", 'data: {"__proto__":{"choices":[]},"choices":[{"delta":{"content":{}}}]}\n\n'],
    ["a line without an end", `data: ${"x".repeat(1_200_000)}`],
    ["nothing", ""],
  ])(
    "%s after a token ends the answer with an error that reveals nothing",
    async (_name, bytes) => {
      upstream.script = (call) => call.token("Half");
      const asked = await stream("/v1/chat/stream");
      const reader = followBody(asked);
      await reader.until("Half");
      const call = await upstream.call(0);
      call.raw(bytes);
      call.end();
      const answer = { status: asked.status, headers: asked.headers, body: await reader.end() };
      expectNoLeak(answer, ["sk-secret", "10.0.0.1", "broken", "xxxx"]);
      expect(parseSse(answer.body).at(-1)?.data).toEqual({
        type: "error",
        error: "The language model could not answer.",
        code: "model_error",
      });
      expect(
        await (await visitors.history(`sessionId=${session.id}`, session.token)).json(),
      ).toMatchObject({
        messages: [{ role: "user" }, { content: "Half", status: "interrupted" }],
      });
    },
  );

  test("absurd token counts from the model do not stop the day's answers from being stored", async () => {
    const usage = {
      prompt_tokens: Number.MAX_SAFE_INTEGER,
      completion_tokens: Number.MAX_SAFE_INTEGER,
      total_tokens: 9e15,
    };
    upstream.script = () => Response.json({ ...completion("Fine"), usage });
    for (let i = 0; i < 3; i++) expect((await visitors.ask(session, "Hi")).status).toBe(200);
    const owner = await openDashboard(visitors.app);
    expect((await owner.get("/dashboard")).status).toBe(200);
    expect(await (await visitors.ask(session, "Hi")).json()).not.toHaveProperty("usage");
  });
});
