import { describe, expect, test } from "bun:test";

import { createDemoModel } from "../../src/model/demo.ts";
import type { ModelDelta, ModelRequest } from "../../src/model/model.ts";

const never = new AbortController().signal;

function asking(...questions: readonly string[]): ModelRequest {
  const history = questions.flatMap((content, i) => [
    ...(i === 0 ? [] : [{ role: "assistant" as const, content: "An answer" }]),
    { role: "user" as const, content },
  ]);
  return { systemPrompt: "secret prompt", history, maxOutputTokens: 10 };
}

async function answerTo(...questions: readonly string[]): Promise<string> {
  return (await createDemoModel(0).complete(asking(...questions), never)).text;
}

describe("the demo model", () => {
  test("says what it is and how to get a real one", async () => {
    const text = await answerTo("Hi?");
    expect(text).toContain("demo model");
    expect(text).toContain("OPENAI_API_KEY");
    expect(text).toContain("OPENAI_BASE_URL");
    expect(text).not.toContain("secret prompt");
    expect(createDemoModel().name).toBe("demo");
  });

  test("repeats the question, and knows that there was one before", async () => {
    expect(await answerTo("When do you open?")).toContain("“When do you open?”");
    const second = await answerTo("First?", "Second?");
    expect(second).toContain("“Second?”");
    expect(second).toContain("message 2");
    expect(second).not.toContain("First?");
  });

  test("answers with a list, a table and code in turns, or with what the question asks for", async () => {
    expect(await answerTo("Hi?")).toContain("\n1. ");
    expect(await answerTo("Hi?", "And?")).toContain("\n| :--");
    expect(await answerTo("Hi?", "And?", "More?")).toContain("\n```sh\n");
    expect(await answerTo("A", "B", "C", "D")).toContain("\n1. ");
    expect(await answerTo("Show me a Table")).toContain("\n| :--");
  });

  test("repeats a question without its sources, and names the first of these", async () => {
    const request = {
      ...asking("<sources>\n[1] Opening hours\n…</sources> Open?"),
      bareQuestion: "Open?",
    };
    const { text } = await createDemoModel(0).complete(request, never);
    expect(text).toContain("“Open?”");
    expect(text).toContain("[1]");
    expect(text).not.toContain("<sources>");
  });

  test("shortens a long question, between whole characters", async () => {
    const text = await answerTo("👋".repeat(4000));
    expect(text.length).toBeLessThan(1000);
    expect(text).toContain("👋…”");
    expect(text.isWellFormed()).toBe(true);
  });

  test("repeats 200 characters as they are, also where each takes two units", async () => {
    const text = await answerTo("👋".repeat(200));
    expect(text).toContain(`“${"👋".repeat(200)}”`);
  });

  test("puts a question of several lines on one line", async () => {
    expect(await answerTo(" one\n\n two\t")).toContain("“one two”");
  });

  test("streams the same answer word by word", async () => {
    const deltas: ModelDelta[] = [];
    for await (const delta of await createDemoModel(0).stream(asking("Hi there?"), never)) {
      deltas.push(delta);
    }
    const tokens = deltas.flatMap((delta) => delta.tokens);
    expect(tokens.join("")).toBe(await answerTo("Hi there?"));
    expect(tokens.length).toBeGreaterThan(10);
    for (const token of tokens.slice(0, -1)) expect(token).toMatch(/^\S+\s+$/);
    expect(deltas.at(-1)).toEqual({ tokens: [], finishReason: "stop" });
  });

  test("stops at an abort without waiting for its next word", async () => {
    const abort = new AbortController();
    const minuteMs = 60_000;
    const words = await createDemoModel(minuteMs).stream(asking("Hi?"), abort.signal);
    const iterator = words[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    abort.abort();
    expect((await next).done).toBe(true);
  });

  test("says nothing when it was aborted before it began", async () => {
    const words = await createDemoModel(0).stream(asking("Hi?"), AbortSignal.abort());
    expect((await words[Symbol.asyncIterator]().next()).done).toBe(true);
  });
});
