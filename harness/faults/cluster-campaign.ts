import type { BalancerName } from "../balancer.ts";
import { type Cluster, startCluster } from "../cluster.ts";
import { parseExposition } from "../exposition.ts";
import type { ModelScript } from "../model-server.ts";
import type { Replica } from "../replica.ts";
import { UNLIMITED } from "./campaign.ts";
import { CLUSTER_FAULTS, type ClusterFault } from "./cluster-faults.ts";
import { askAcross } from "./cluster-visitor.ts";
import { Ledger } from "./ledger.ts";
import { answerEvery } from "./load.ts";
import type { Random } from "./random.ts";
import { readStored } from "./stored.ts";

/** The results of a campaign on a cluster. */
export interface ClusterTally {
  /** How many questions were acknowledged. */
  readonly turns: number;
  readonly answers: number;
  readonly interrupted: number;
  readonly faults: number;
  /** The longest time that a visitor waited for the end of an answer, in milliseconds. */
  readonly longestMs: number;
  /** How long after the last fault the last answer had an end, in milliseconds. */
  readonly settledMs: number;
  /** What was lost, sent wrongly, answered twice or left without an end. One sentence each. */
  readonly losses: readonly string[];
}

interface ClusterCampaignOptions {
  readonly balancer: BalancerName;
  readonly durationMs: number;
  readonly random: Random;
  /** Faults to choose from. All of them by default. */
  readonly faults?: readonly ClusterFault[];
  /** The program to run; see startCluster. */
  readonly program?: readonly string[];
  /** Called after each fault with its name and the results so far. */
  readonly onFault?: (name: string, soFar: ClusterTally) => void;
}

const VISITOR_COUNT = 24;
/** One visitor in this many asks for JSON. */
const JSON_EVERY = 6;
/** Conversations stay short, so that the ledger can be compared with them quickly. */
const QUESTIONS_OF_A_SESSION = 12;
const TOKEN_INTERVAL_MS = 8;
/** The pause between two faults, in which everything should go well again. */
const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 2500;
/** A replica learns with its next sign of life that it was given up. It gives one each second. */
const FENCED_WITHIN_MS = 1500;
/** No answer may be under way later than this after the last fault. */
const MAX_SETTLING_MS = 10_000;
const LOOK_EVERY_MS = 100;
/** Gauges of a replica that are 0 while nobody asks or reads. */
const HELD = [
  "chatporch_turns_running",
  "chatporch_streams_open",
  "chatporch_turns_followed",
  "chatporch_followers_served",
];

/**
 * Puts three replicas behind a balancer under load, and breaks one thing after the other. Afterwards, everything
 * that was acknowledged is compared with what is stored.
 */
export async function runClusterCampaign(options: ClusterCampaignOptions): Promise<ClusterTally> {
  const campaign = await ClusterCampaign.start(options);
  try {
    await campaign.breakThings(options);
    return await campaign.conclude();
  } finally {
    await campaign.stop();
  }
}

class ClusterCampaign {
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #asked: Map<string, number>;
  readonly #ledger = new Ledger(FENCED_WITHIN_MS);
  readonly #problems: string[] = [];
  readonly #visits: readonly Promise<void>[];
  #isOver = false;
  #faults = 0;
  #longestMs = 0;
  #settledMs = 0;

  static async start({ balancer, random, program }: ClusterCampaignOptions) {
    const asked = new Map<string, number>();
    const cluster = await startCluster({
      balancers: [balancer],
      settings: UNLIMITED,
      script: counting(answerEvery(TOKEN_INTERVAL_MS), asked),
      // Its disk is part of what is tried: a crash may lose nothing.
      postgres: { fsync: "on" },
      ...(program ? { program } : {}),
    });
    return new ClusterCampaign(cluster, random, asked);
  }

  private constructor(cluster: Cluster, random: Random, asked: Map<string, number>) {
    this.#cluster = cluster;
    this.#random = random;
    this.#asked = asked;
    this.#visits = Array.from({ length: VISITOR_COUNT }, (_, visitor) => this.#visit(visitor));
  }

  async breakThings({ durationMs, faults = CLUSTER_FAULTS, onFault }: ClusterCampaignOptions) {
    const random = this.#random;
    const deadline = performance.now() + durationMs;
    let left: ClusterFault[] = [];
    while (performance.now() < deadline) {
      await Bun.sleep(random.between(MIN_PAUSE_MS, MAX_PAUSE_MS));
      // Every fault comes before one comes again.
      if (left.length === 0) left = [...faults];
      const [fault] = left.splice(random.between(0, left.length - 1), 1);
      const { replicas } = this.#cluster;
      const victim = replicas[random.between(0, replicas.length - 1)];
      if (!fault || !victim) throw new Error("There is nothing to break.");
      if (fault.losesOwners) this.#ledger.ownersLost(performance.now());
      await fault.run(this.#cluster, victim, random);
      this.#faults += 1;
      onFault?.(`${fault.name} (${victim.name})`, this.#tally());
    }
  }

  /** Lets every visitor hear the end, and compares. */
  async conclude(): Promise<ClusterTally> {
    const lastFaultAt = performance.now();
    this.#isOver = true;
    await this.#cluster.heal();
    await Promise.all(this.#visits);
    await this.#untilNoneStreams(lastFaultAt);
    for (const replica of this.#cluster.replicas) await this.#untilNothingIsHeld(replica);
    const [first] = this.#cluster.replicas;
    if (!first) throw new Error("There are no replicas.");
    const stored = await readStored(first.url);
    this.#problems.push(...this.#ledger.compare(stored));
    for (const [question, times] of this.#asked) {
      if (times > 1) this.#problems.push(`the model was asked "${question}" ${times} times`);
    }
    return this.#tally();
  }

  stop(): Promise<void> {
    this.#isOver = true;
    return this.#cluster.stop();
  }

  async #visit(visitor: number): Promise<void> {
    for (let number = 0; !this.#isOver; number += 1) {
      const sessionId = `visitor-${visitor}-${Math.floor(number / QUESTIONS_OF_A_SESSION)}`;
      const question = `question ${visitor}/${number}`;
      const mode = visitor % JSON_EVERY === 0 ? "json" : "stream";
      const { url } = this.#cluster;
      const about = { sessionId, question, mode } as const;
      const asked = await askAcross(url, this.#ledger, about, this.#random);
      this.#problems.push(...asked.problems);
      this.#longestMs = Math.max(this.#longestMs, asked.tookMs);
    }
  }

  async #untilNoneStreams(lastFaultAt: number): Promise<void> {
    for (;;) {
      const rows = await this.#cluster.asDatabaseOwner(
        "SELECT turn_id, owner FROM messages WHERE status = 'streaming'",
      );
      this.#settledMs = performance.now() - lastFaultAt;
      if (rows.length === 0) return;
      if (this.#settledMs > MAX_SETTLING_MS) {
        this.#problems.push(`left in streaming: ${JSON.stringify(rows)}`);
        return;
      }
      await Bun.sleep(LOOK_EVERY_MS);
    }
  }

  /** Nothing may be kept for answers that have ended and for readers who have gone. */
  async #untilNothingIsHeld({ name, url }: Replica): Promise<void> {
    const deadline = performance.now() + MAX_SETTLING_MS;
    for (;;) {
      const { values } = parseExposition(await (await fetch(`${url}/metrics`)).text());
      const held = HELD.filter((metric) => values.get(metric) !== 0);
      if (held.length === 0) return;
      if (performance.now() > deadline) {
        this.#problems.push(`${name} holds on to ${held.map((m) => `${m} ${values.get(m)}`)}`);
        return;
      }
      await Bun.sleep(LOOK_EVERY_MS);
    }
  }

  #tally(): ClusterTally {
    const turns = this.#ledger.acknowledged;
    return {
      turns: turns.length,
      answers: turns.filter(({ done }) => done !== undefined).length,
      interrupted: turns.filter(({ errorCode }) => errorCode !== undefined).length,
      faults: this.#faults,
      longestMs: Math.round(this.#longestMs),
      settledMs: Math.round(this.#settledMs),
      losses: [...this.#problems],
    };
  }
}

/** Counts how often the model is asked each question. */
function counting(script: ModelScript, asked: Map<string, number>): ModelScript {
  return (call) => {
    const question = call.body.messages.at(-1)?.content ?? "";
    asked.set(question, (asked.get(question) ?? 0) + 1);
    return script(call);
  };
}
