import { describe, expect, test } from "bun:test";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { jsonLine } from "../../src/runtime/json-line.ts";
import { ADMIN_KEY, chatRequest, createTestApp } from "../support/test-app.ts";

/** The characters at which Python's `str.splitlines` ends a line. */
const LINE_ENDS = [..."\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029"];

function splitLines(text: string): string[] {
  return LINE_ENDS.reduce((lines, end) => lines.replaceAll(end, "\n"), text).split("\n");
}

const NASTY = "a\u0085b\u2028c\u2029d\ve\ff\x1cg\x1dh\x1ei\r\nj";

describe("a client that splits lines as Python does finds whole JSON", () => {
  test.each([
    ["text/event-stream", "/v1/chat/stream"],
    ["application/x-ndjson", "/chat"],
  ])("in a stream of %s", async (accept, path) => {
    const model = startModelServer(answer(NASTY));
    const app = createTestApp({ modelUrl: model.url });
    const init = chatRequest({ sessionId: "visitor", message: NASTY }, { accept });
    const text = await (await app.fetch(path, init)).text();
    const json = splitLines(text)
      .map((line) => line.replace(/^data: /, ""))
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as { type: string; token?: string; message?: string });
    const said = json.map(({ token }) => token ?? "").join("");
    expect(said).toBe(NASTY);
    expect(json.at(-1)).toMatchObject({ type: "done", message: NASTY });
    await app.close();
    await model.stop();
  });

  test("in the export", async () => {
    const model = startModelServer(answer(NASTY));
    const app = createTestApp({ modelUrl: model.url });
    await (await app.fetch("/v1/chat", chatRequest({ sessionId: "v", message: NASTY }))).text();
    const headers = { "x-admin-api-key": ADMIN_KEY };
    const exported = await app.fetch("/v1/admin/conversations/export", { headers });
    const lines = splitLines(await exported.text()).filter((line) => line !== "");
    const contents = lines.map((line) => (JSON.parse(line) as { content: string }).content);
    expect(contents).toEqual([NASTY, NASTY]);
    await app.close();
    await model.stop();
  });
});

test("a line of JSON parses to the value that it was made from", () => {
  for (const value of [NASTY, { text: `\u2028${NASTY}` }, [NASTY, "\\u2028", '"'], "plain"]) {
    expect(JSON.parse(jsonLine(value))).toEqual(value);
    expect(splitLines(jsonLine(value))).toHaveLength(1);
  }
});
