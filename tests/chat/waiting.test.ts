import { describe, expect, test } from "bun:test";

import {
  event,
  finishChunk,
  type ModelCall,
  type ModelScript,
  type ModelServer,
  startModelServer,
  tokenChunk,
  USAGE,
} from "../../harness/model-server.ts";
import { parseSse } from "../../harness/streams.ts";
import { chatRequest, createTestApp } from "../support/test-app.ts";
import { undisturbed } from "../support/undisturbed.ts";

/** How long an answer is waited for, in real time. All the tests wait side by side. */

const DONE = "data: [DONE]\n\n";
const ANSWER = "It costs 5 euros.";
/** Longer than one second: after that, an earlier version took an answer that said stop for whole. */
const PAUSE_MS = 1300;

interface Waiting {
  readonly config?: { readonly firstTokenTimeoutMs?: number; readonly idleTimeoutMs?: number };
  /** Done when the answer has ended, while the model's server still runs. */
  readonly afterwards?: (server: ModelServer) => Promise<void>;
}

/** Asks an app of its own whose model answers by the script, to the end of the answer. */
async function ask(script: ModelScript, { config = {}, afterwards }: Waiting = {}) {
  const server = startModelServer(script);
  const app = createTestApp({ modelUrl: server.url, config: { model: config } });
  try {
    const init = chatRequest({ sessionId: "visitor-1", message: "What does it cost?" });
    const text = await (await app.fetch("/v1/chat/stream", init)).text();
    const events = parseSse(text).map(({ data }) => data);
    const conversation = await app.store.findConversationBySession("visitor-1");
    const messages = conversation ? await app.store.listMessages(conversation.id) : [];
    await afterwards?.(server);
    return {
      types: events.map(({ type }) => type),
      last: events.at(-1),
      stored: messages.at(-1),
    };
  } finally {
    await app.close();
    await server.stop();
  }
}

/** Sends these in network chunks of their own, waits at each number for so many milliseconds, and ends the body. */
function say(...parts: readonly (string | number)[]): ModelScript {
  return (call) => void sendAll(call, parts);
}

async function sendAll(call: ModelCall, parts: readonly (string | number)[]): Promise<void> {
  for (const part of parts) {
    if (typeof part === "string") call.raw(part);
    else await Bun.sleep(part);
  }
  call.end();
}

function chunk(choice: object): string {
  return event({ choices: [{ index: 0, delta: {}, finish_reason: null, ...choice }] });
}

const counted = event({ choices: [], usage: USAGE });

describe.concurrent("a gateway that says stop with every chunk", () => {
  const stopped = (text: string) => chunk({ delta: { content: text }, finish_reason: "stop" });

  test("is waited for, and its answer is whole", async () => {
    const { last, stored } = await ask(
      say(stopped("It costs "), PAUSE_MS, stopped("5 euros."), PAUSE_MS, DONE),
    );
    expect(last).toMatchObject({ message: ANSWER, finishReason: "stop" });
    expect(stored).toMatchObject({ content: ANSWER, status: "complete" });
  });

  test("is waited for even when it counts the tokens in chunks between the others", async () => {
    const { last } = await ask(
      say(stopped("It costs ") + counted, PAUSE_MS, stopped("5 euros.") + counted + DONE),
    );
    expect(last).toMatchObject({ message: ANSWER });
  });

  test("is waited for when it also says stop with its thoughts", async () => {
    const thought = chunk({ delta: { reasoning_content: "Hmm" }, finish_reason: "stop" });
    const empty = chunk({ delta: { content: "" }, finish_reason: "stop" });
    const { last } = await ask(say(thought, empty, PAUSE_MS, stopped(ANSWER), DONE));
    expect(last).toMatchObject({ message: ANSWER });
  });

  test("and then hangs has not finished: the answer is an error, and its beginning is kept", async () => {
    const script: ModelScript = (call) => {
      call.raw(stopped("It costs "));
      call.raw(stopped("5 "));
    };
    const { last, stored } = await ask(script, { config: { idleTimeoutMs: 300 } });
    expect(last).toMatchObject({ type: "error", code: "model_timeout" });
    expect(stored).toMatchObject({ content: "It costs 5", status: "interrupted" });
  });

  test("and hangs after its first chunk has not finished either", async () => {
    const script: ModelScript = (call) => call.raw(stopped("It costs "));
    const { last } = await ask(script, { config: { idleTimeoutMs: 300 } });
    expect(last).toMatchObject({ type: "error", code: "model_timeout" });
  });

  test("and breaks off after a chunk without stop was cut off", async () => {
    const { last, stored } = await ask(say(stopped("It costs "), tokenChunk("5 ")));
    expect(last).toMatchObject({ type: "error", code: "model_error" });
    expect(stored).toMatchObject({ content: "It costs 5", status: "interrupted" });
  });
});

describe.concurrent(
  "a server that says stop in a chunk of its own, but then neither sends [DONE] nor ends",
  () => {
    const PATIENT = { idleTimeoutMs: 45_000 };
    const LEFT_WITHIN_MS = 20_000;
    const untilLeft = async (server: ModelServer) => (await server.call(0)).left;

    test("is not waited for until the idle deadline", async () => {
      const script: ModelScript = (call) => call.raw(tokenChunk(ANSWER) + finishChunk("stop"));
      const startedAt = performance.now();
      const { last } = await ask(script, { config: PATIENT, afterwards: untilLeft });
      expect(last).toMatchObject({ type: "done", message: ANSWER, finishReason: "stop" });
      expect(performance.now() - startedAt).toBeLessThan(LEFT_WITHIN_MS);
    });

    test("is not waited for when it says stop with the last word and goes on counting tokens", async () => {
      const script: ModelScript = (call) => {
        call.raw(tokenChunk("It costs "));
        call.raw(chunk({ delta: { content: "5 euros." }, finish_reason: "stop" }));
        const counting = setInterval(() => call.raw(counted), 50);
        void call.left.then(() => clearInterval(counting));
      };
      const startedAt = performance.now();
      const { last } = await ask(script, { config: PATIENT, afterwards: untilLeft });
      expect(last).toMatchObject({ type: "done", message: ANSWER });
      expect(performance.now() - startedAt).toBeLessThan(LEFT_WITHIN_MS);
    });

    test("is believed at a shorter idle deadline", async () => {
      const script: ModelScript = (call) => call.raw(tokenChunk(ANSWER) + finishChunk("length"));
      const { last } = await ask(script, { config: { idleTimeoutMs: 300 } });
      expect(last).toMatchObject({ type: "done", finishReason: "length" });
    });

    test("may go on: more text after a finish reason is part of the answer", async () => {
      const { last } = await ask(
        say(
          tokenChunk("It costs ") + finishChunk("stop"),
          PAUSE_MS,
          tokenChunk("5 euros.") + finishChunk("stop") + DONE,
        ),
      );
      expect(last).toMatchObject({ type: "done", message: ANSWER });
    });
  },
);

describe.concurrent(
  "a model that thinks for longer than its deadline is waited for, when it thinks in",
  () => {
    const DEADLINE_MS = 1000;
    /** So short that only a process that was away for nearly the deadline sends too late. */
    const THOUGHT_EVERY_MS = 50;
    const FORMS: Readonly<Record<string, object>> = {
      reasoning_content: { reasoning_content: "Hmm", content: null },
      reasoning: { reasoning: "Hmm" },
      reasoning_details: { content: "", reasoning_details: [{ type: "reasoning.encrypted" }] },
      thinking: { thinking: "Hmm" },
      thinking_blocks: { thinking_blocks: [{ type: "thinking", thinking: "Hmm" }] },
      thought: { thought: "Hmm" },
      reasoningContent: { reasoningContent: { text: "Hmm" } },
      reasoning_summary: { reasoning_summary: "Hmm" },
      cot: { cot: "Hmm" },
      "a list of parts": {
        content: [{ type: "thinking", thinking: [{ type: "text", text: "Hmm" }] }],
      },
      "a list of parts with a text": { content: [{ type: "reasoning", text: "Hmm" }] },
      "text that is marked as a thought": {
        content: "Hmm",
        extra_content: { google: { thought: true } },
      },
      "the text itself": { content: "<think>" },
    };

    for (const [name, delta] of Object.entries(FORMS)) {
      undisturbed(name, async () => {
        const deadlines = { firstTokenTimeoutMs: DEADLINE_MS, idleTimeoutMs: DEADLINE_MS };
        const thoughts = Array.from({ length: (2 * DEADLINE_MS) / THOUGHT_EVERY_MS }, () => [
          chunk({ delta }),
          THOUGHT_EVERY_MS,
        ]);
        const end = name === "the text itself" ? [tokenChunk("</think>")] : [];
        const { types, last } = await ask(
          say(...thoughts.flat(), ...end, tokenChunk(ANSWER) + finishChunk("stop") + DONE),
          { config: deadlines },
        );
        expect(types).toEqual(["start", "token", "done"]);
        expect(last).toMatchObject({ message: ANSWER });
      });
    }

    test("any form, but not without end: after ten deadlines the answer is a timeout", async () => {
      const script: ModelScript = async (call) => {
        void (async () => {
          while (!call.hasLeft()) {
            call.raw(chunk({ delta: { reasoning_content: "Hmm" } }));
            await Bun.sleep(10);
          }
        })();
      };
      const { last } = await ask(script, { config: { firstTokenTimeoutMs: 100 } });
      expect(last).toMatchObject({ type: "error", code: "model_timeout" });
    });
  },
);
