import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { parseExposition } from "../../harness/exposition.ts";
import { cleanUp } from "../../harness/process.ts";
import { type Solvable, solveProof } from "../../harness/proof-solver.ts";
import { hasServers } from "./servers.ts";

/** The proof of work at three replicas of one database. */

setDefaultTimeout(60_000);

const LIMIT = 60;

describe.skipIf(!hasServers)("three replicas of one database", () => {
  let cluster: Cluster;
  let asked = 0;

  beforeAll(async () => {
    const settings = { PROOF_OF_WORK: "on", RATE_LIMIT_MAX_REQUESTS: `${LIMIT}`, TRUST_PROXY: "1" };
    cluster = await startCluster({ settings });
  });
  afterAll(async () => {
    await cluster.stop();
    await cleanUp();
  });

  /** Asks at one replica after the other. */
  async function ask(address: string, headers: Record<string, string> = {}): Promise<Response> {
    const replica = cluster.replicas[asked++ % cluster.replicas.length];
    if (!replica) throw new Error("There is no replica.");
    return fetch(`${replica.url}/v1/chat`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-api-key": "widget-key-for-e2e-tests-0123456789",
        "x-forwarded-for": address,
        ...headers,
      },
      body: JSON.stringify({
        sessionId: `visitor-at-${address}`,
        message: "Hi",
      }),
    });
  }

  async function challenged(address: string): Promise<Solvable> {
    const response = await ask(address);
    const { code, challenge } = (await response.json()) as { code: string; challenge: Solvable };
    expect([response.status, code]).toEqual([401, "proof_required"]);
    return challenge;
  }

  async function isBusUp(url: string): Promise<boolean> {
    const { values } = parseExposition(await (await fetch(`${url}/metrics`)).text());
    return values.get("chatporch_bus_up") === 1;
  }

  test("accept each other's challenges, and together ten questions for each", async () => {
    for (const { url } of cluster.replicas) while (!(await isBusUp(url))) await Bun.sleep(20);
    const address = "203.0.113.7";
    for (let count = 0; count < LIMIT / 2; count++) {
      expect((await ask(address)).status).toBe(200);
    }
    const headers = { "x-proof": solveProof(await challenged(address)) };
    for (let count = 0; count < 10; count++) {
      expect([count, (await ask(address, headers)).status]).toEqual([count, 200]);
    }
    for (const _replica of cluster.replicas) {
      expect((await ask(address, headers)).status).toBe(401);
    }
  });
});
