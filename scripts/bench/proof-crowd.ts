import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { askFromEverywhere, type CrowdTally } from "../../harness/address-crowd.ts";
import { startProcessorMeter } from "../../harness/processor-meter.ts";
import { createApp } from "../../src/app.ts";
import { createSources } from "../../src/config/sources.ts";
import type { ChatModel } from "../../src/model/model.ts";
import { openParts } from "../../src/parts.ts";
import { createLogger } from "../../src/runtime/logger.ts";

/**
 * A crowd of 10,000 addresses asks a server with a budget, in this process; then twenty people ask. Who of them is
 * answered? The arguments are `with` or `without` proof of work, and `solves` or `ignores`, what the crowd does with a
 * challenge. Prints a CrowdResult as JSON.
 */
export interface CrowdResult {
  /** How often the model was asked for the crowd, and what part of the budget that took. */
  readonly calls: number;
  readonly budgetShare: number;
  /** Milliseconds of a processor: of the crowd's, for each of its answers, and of the server's, for each request. */
  readonly paidMs: number;
  readonly serverMs: number;
  /** How many of the people were answered. */
  readonly people: number;
}

const ADDRESSES = 10_000;
const PEOPLE = 20;
const WIDGET_KEY = "bench-widget-key-of-32-characters";
const QUESTION = "Do you ship to Norway, and how long does it take? ".repeat(4).trim();
const USAGE = { promptTokens: 100, completionTokens: 300, totalTokens: 400 };
/** In tokens: 2,000 answers. */
const BUDGET = 2000 * USAGE.totalTokens;

let calls = 0;

/** A tenth of a second for an answer is little for a model, and much for a server that sums up what was spent. */
const ANSWER_MS = 100;

/** Counts its answers. */
const model: ChatModel = {
  name: "counting",
  stream: () => Promise.reject(new Error("Nobody streams here.")),
  async complete() {
    calls += 1;
    await Bun.sleep(ANSWER_MS);
    return { text: "A word or two. ".repeat(80), finishReason: "stop", usage: USAGE };
  },
};

function settings(folder: string, isProofOn: boolean): Record<string, string> {
  return {
    NODE_ENV: "production",
    DATABASE_PATH: join(folder, "chatporch.db"),
    WIDGET_API_KEY: WIDGET_KEY,
    OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
    OPENAI_MODEL: "counting",
    MAX_OUTPUT_TOKENS: "300",
    TRUST_PROXY: "1",
    BUDGET_UNIT: "tokens",
    BUDGET_PER_DAY: `${BUDGET}`,
    PROOF_OF_WORK: isProofOn ? "on" : "off",
  };
}

async function run(isProofOn: boolean, solves: boolean): Promise<CrowdResult> {
  const folder = mkdtempSync(join(tmpdir(), "proof-crowd-"));
  const log = createLogger({
    level: "error",
    format: "json",
    secrets: () => [],
    write: (line) => process.stderr.write(line),
    now: Date.now,
  });
  const sources = createSources(settings(folder, isProofOn), () => "");
  const { parts, close } = await openParts(sources, { log, advice: [] });
  const { app, chat } = createApp({
    ...parts,
    model: () => model,
    // The crowd's work is done in this process, and elsewhere in earnest.
    loop: { isBehind: false },
    peerAddress: () => "127.0.0.1",
  });
  const fetch = (path: string, init: RequestInit) =>
    app.handle(new Request(`http://localhost${path}`, init));
  const shared = { fetch, widgetKey: WIDGET_KEY, question: QUESTION };
  try {
    const spentMs = startProcessorMeter();
    const crowd = await askFromEverywhere({
      ...shared,
      addresses: ADDRESSES,
      questions: 1,
      solves,
      leavesAtBudget: true,
    });
    const totalMs = spentMs();
    const ofCrowd = calls;
    const people = await askFromEverywhere({
      ...shared,
      addresses: PEOPLE,
      first: ADDRESSES,
      questions: 1,
      solves: true,
    });
    return {
      calls: ofCrowd,
      budgetShare: (ofCrowd * USAGE.totalTokens) / BUDGET,
      paidMs: crowd.solvingMs / Math.max(1, crowd.answered),
      serverMs: (totalMs - crowd.solvingMs) / requestsOf(crowd),
      people: people.answered,
    };
  } finally {
    await chat.drain(0);
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A challenge that was solved took a request of its own. */
function requestsOf({ asked, solved }: CrowdTally): number {
  return asked + solved;
}

const [mode, answer] = process.argv.slice(2);
console.log(JSON.stringify(await run(mode === "with", answer === "solves")));
process.exit(0);
