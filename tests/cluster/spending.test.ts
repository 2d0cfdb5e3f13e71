import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { UNLIMITED } from "../../harness/faults/campaign.ts";
import { createRandom } from "../../harness/faults/random.ts";
import { readEvents } from "../../harness/faults/visitor.ts";
import { cleanUp } from "../../harness/process.ts";
import type { Replica } from "../../harness/replica.ts";
import { CountingModel } from "../../harness/spending/counting-model.ts";
import { PLANNED_SETTINGS, planTurns } from "../../harness/spending/planned-turn.ts";
import { readSpending, sendOver, spentOf } from "../../harness/spending/server.ts";
import { askPlanned } from "../../harness/spending/visitors.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { formTokenIn } from "../support/dashboard-requests.ts";
import { hasServers } from "./servers.ts";

/** One budget of three replicas, one of which is killed, and the switch that turns the model off at all of them. */

setDefaultTimeout(120_000);

const PASSWORD = "dashboard-password-for-e2e";
const SPENDING = "/dashboard/settings/spending";
const TURNS = 700;
const VISITORS = 24;
const BUDGET = 60_000;
const MOST_OF_A_TURN = 1000;
/** The promise of docs/spending.md. */
const OFF_WITHIN_MS = 2000;
/** The others learn that a replica is dead, and settle what it had reserved. */
const SETTLED_WITHIN_MS = 12_000;

let count: CountingModel;
let cluster: Cluster;

function replicas(): [Replica, Replica, Replica] {
  const [one, two, three] = cluster.replicas;
  if (!one || !two || !three) throw new Error("There are not three replicas.");
  return [one, two, three];
}

/** Logs in at a replica. Returns what uses the switch in its dashboard. */
async function openSwitch({ url }: Replica): Promise<(action: "on" | "off") => Promise<void>> {
  const init = { method: "POST", redirect: "manual" } as const;
  const login = new URLSearchParams({ password: PASSWORD });
  const { headers: sent } = await fetch(`${url}/dashboard/login`, { ...init, body: login });
  const headers = { cookie: sent.get("set-cookie")?.split(";")[0] ?? "" };
  const page = await fetch(`${url}/dashboard`, { headers });
  const formToken = formTokenIn(await page.text());
  return async (action) => {
    const body = new URLSearchParams({ formToken, action });
    const response = await fetch(`${url}${SPENDING}`, { ...init, headers, body });
    expect(response.status).toBe(303);
  };
}

async function codeAt({ url }: Replica, session: string): Promise<string> {
  const response = await sendOver(url)("/v1/chat", {
    body: { sessionId: session, message: "Turn 0 ends reported after 2 tokens" },
  });
  const body = (await response.json()) as { readonly code?: string };
  return body.code ?? "answered";
}

describe.skipIf(!hasServers)("three replicas with one budget", () => {
  beforeAll(async () => {
    count = new CountingModel();
    cluster = await startCluster({
      hasBus: false,
      script: count.script,
      settings: {
        ...UNLIMITED,
        ...PLANNED_SETTINGS,
        DASHBOARD_PASSWORD: PASSWORD,
        ABANDONED_TURN_GRACE_MS: "50",
        BUDGET_PER_DAY: String(BUDGET),
      },
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    await cleanUp();
  });

  test("are all turned off within 2 s by the switch at one of them, with their answers under way", async () => {
    const [one, two] = replicas();
    const turn = await openSwitch(one);
    const turnBack = await openSwitch(two);
    const running = await Promise.all(
      replicas().map(async ({ url }, index) => {
        const message = "Turn 0 ends silent after 40 tokens";
        const body = { sessionId: `running-${index}`, message };
        return readEvents(await sendOver(url)("/v1/chat/stream", { body }));
      }),
    );
    const ended = running.map(async (events) => (await Array.fromAsync(events)).at(-1));
    const elapsedMs = startStopwatch(...cluster.replicas.map(({ pid }) => pid));
    await turn("off");
    const codes = await Promise.all(ended);
    for (const event of codes) expect(event).toMatchObject({ type: "error", code: "model_off" });
    expect(elapsedMs()).toBeLessThan(OFF_WITHIN_MS);
    for (const replica of replicas()) {
      expect(await codeAt(replica, "visitor-off")).toBe("model_off");
    }
    const asked = spentOf(count.counted);
    await turnBack("on");
    for (const replica of replicas()) {
      while ((await codeAt(replica, "visitor-on")) !== "answered") await Bun.sleep(20);
    }
    expect(spentOf(count.counted)).toBeGreaterThan(asked);
  });

  test("spend no more than it and what is reserved at once, also when one is killed, and stop together", async () => {
    const [one, two, three] = replicas();
    let ended = 0;
    let killing: Promise<void> | undefined;
    const ends = await askPlanned({
      turns: TURNS,
      plan: planTurns(createRandom(3)),
      servers: replicas().map(({ url }) => sendOver(url)),
      visitors: VISITORS,
      onTurn() {
        ended += 1;
        if (ended === TURNS / 5) killing = three.kill();
      },
    });
    await killing;
    expect(ends.get("lost")).toBeGreaterThan(0);
    const elapsedMs = startStopwatch(one.pid, two.pid);
    while (spentOf((await readSpending(one.url)).day.held) > 0) {
      expect(elapsedMs()).toBeLessThan(SETTLED_WITHIN_MS);
      await Bun.sleep(50);
    }
    await three.start();
    await three.ready();
    const counted = spentOf(count.counted);
    expect(counted).toBeLessThanOrEqual(BUDGET + VISITORS * MOST_OF_A_TURN);
    const shown = await Promise.all(replicas().map(({ url }) => readSpending(url)));
    const [first] = shown;
    for (const { day } of shown) expect(day).toEqual(first?.day ?? day);
    // An answer that was stopped may count as more than was set aside for its history.
    const settled = spentOf(first?.day.spent ?? count.counted);
    expect(settled).toBeLessThanOrEqual(BUDGET + VISITORS * MOST_OF_A_TURN);
    // What a long question had no room in may have some for a short one.
    let short = 0;
    while ((await codeAt(one, `short-${short}`)) === "answered") short += 1;
    for (const [index, replica] of replicas().entries()) {
      expect(await codeAt(replica, `late-${index}`)).toBe("budget_reached");
    }
  });
});
