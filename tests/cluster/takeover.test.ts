import { expect, setDefaultTimeout, test } from "bun:test";

import { KEYS, readThread } from "../../harness/chat-requests.ts";
import { readMessages } from "../../harness/faults/visitor.ts";
import type { Replica } from "../../harness/replica.ts";
import { until } from "../support/until.ts";
import { describeTrio, follow, type Trio } from "./trio.ts";
import { lastEvent, listen, newQuestion, type Visitor } from "./visitor.ts";

setDefaultTimeout(60_000);

let trio: Trio;

/** What a visitor's tab has of the owner: the ids of his messages, and their texts. */
interface Tab {
  readonly texts: string[];
  lastId: string | undefined;
  readonly end: Promise<void>;
}

/** Opens a tab's stream at a replica. A tab whose stream has broken goes on where it was. */
async function openTab(visitor: Visitor, { url }: Replica, before?: Tab): Promise<Tab> {
  const path = `/v1/chat/events?sessionId=${visitor.sessionId}&after=0`;
  const lastId = before?.lastId;
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const response = await visitor.fetch(url, "GET", path, { headers });
  expect(response.status).toBe(200);
  const tab = { texts: before?.texts ?? [], lastId, end: Promise.resolve() };
  return Object.assign(tab, { end: readOn(tab, response) });
}

async function readOn(tab: { texts: string[]; lastId: string | undefined }, response: Response) {
  try {
    for await (const { id, event, data } of readMessages(response)) {
      if (event !== "message") continue;
      tab.lastId = id;
      tab.texts.push((data as unknown as { text: string }).text);
    }
  } catch {
    // Its replica was killed.
  }
}

async function write({ url }: Replica, conversationId: string, text: string): Promise<void> {
  const response = await fetch(`${url}/v1/admin/conversations/${conversationId}/messages`, {
    method: "POST",
    headers: { "x-admin-api-key": KEYS.ADMIN_API_KEY ?? "", "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
  expect(response.status).toBe(201);
}

describeTrio(
  "the owner who takes over at one of three replicas",
  (started) => {
    trio = started;
  },
  () => {
    test("stops the answer of another, and every tab has each word once and in order, although its replica is killed", async () => {
      const { owner: generating, other, third: owners } = trio;
      const { visitor, asker, reader } = await follow(trio, 60_000);
      const { conversationId } = await visitor.history(other.url);
      const id = conversationId ?? "";
      let doomed = await openTab(visitor, generating);
      const tab = await openTab(visitor, other);

      await write(owners, id, "I am here.");
      for (const { end } of [asker, reader]) {
        expect(lastEvent(await end)).toMatchObject({ type: "done", finishReason: "stopped" });
      }
      await until(() => doomed.texts.length === 1 && tab.texts.length === 1);

      await generating.kill();
      await write(owners, id, "Are you still there?");
      const asked = listen(await visitor.ask(other.url, newQuestion(1, 1)));
      expect(lastEvent(await asked.end)).toMatchObject({ finishReason: "person", message: "" });
      await write(other, id, "Yes, I am.");
      await doomed.end;
      doomed = await openTab(visitor, owners, doomed);
      await until(() => doomed.texts.length === 3 && tab.texts.length === 3);

      const messages = await readThread(owners.url, visitor.sessionId);
      const words = messages.flatMap(({ author, content }) => (author ? [content] : []));
      expect(words).toEqual(["I am here.", "Are you still there?", "Yes, I am."]);
      expect([doomed.texts, tab.texts]).toEqual([words, words]);
      expect(messages[1]?.finishReason).toBe("person");
    });
  },
);
