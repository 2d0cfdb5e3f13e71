import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { ADMIN_KEY, KEYS } from "../../harness/chat-requests.ts";
import {
  type EmbeddingServerForTests,
  startEmbeddingServer,
} from "../../harness/embedding-server.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);

let embeddings: EmbeddingServerForTests | undefined;

afterEach(async () => {
  await cleanUp();
  await embeddings?.stop();
});

test("a note is found in other words once the server has made its vector, and by its words without the model", async () => {
  embeddings = startEmbeddingServer([["refund", "money"], ["parcels"]]);
  const server = await startChatporch({
    ...KEYS,
    EMBEDDING_MODEL: "small",
    EMBEDDING_BASE_URL: embeddings.url,
    EMBEDDING_API_KEY: "embedding-key",
  });
  const knowledge = `${server.url}/v1/admin/knowledge`;
  const headers = { "x-admin-api-key": ADMIN_KEY, "content-type": "application/json" };
  for (const text of ["A refund takes a week.", "Parcels take a day."]) {
    const body = JSON.stringify({ title: text, text });
    const added = await fetch(`${knowledge}/notes`, { method: "POST", headers, body });
    expect(added.status).toBe(201);
  }
  const find = async (question: string) => {
    const found = await fetch(`${knowledge}/search?q=${encodeURIComponent(question)}`, { headers });
    const { sections } = (await found.json()) as { readonly sections: readonly { text: string }[] };
    return sections[0]?.text;
  };
  expect(await find("my money")).toBeUndefined();
  await server.stdout.until(/made vectors/);
  await until(async () => (await find("my money")) === "A refund takes a week.");
  embeddings.answer = () => new Response("down", { status: 503 });
  expect(await find("the refund")).toBe("A refund takes a week.");
  expect(await find("all the money")).toBeUndefined();
  expect(await server.stop()).toBe(0);
});
