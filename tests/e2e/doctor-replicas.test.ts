import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { KEYS } from "../../harness/chat-requests.ts";
import { type Cluster, startCluster } from "../../harness/cluster.ts";
import { hasPostgres } from "../../harness/postgres.ts";
import { cleanUp, runChatporch, temporaryFolder } from "../../harness/process.ts";
import { hasRedis } from "../../harness/redis.ts";

setDefaultTimeout(60_000);

const SETTINGS = { ...KEYS, CORS_ORIGIN: "https://www.example.com", DRAIN_DELAY_MS: "500" };

let cluster: Cluster | undefined;
afterEach(async () => {
  await cluster?.stop();
  await cleanUp();
});

/** A replica dials again within a second, and a beat later its metrics say so. */
async function untilBusIsUp(url: string): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (metrics.includes("chatporch_bus_up 1")) return;
    await Bun.sleep(50);
  }
}

describe.skipIf(!hasPostgres || !hasRedis)("the doctor beside two replicas", () => {
  test("names the one that lost Redis and the database that nobody reaches, and is content after the mend", async () => {
    cluster = await startCluster({ replicas: 2, settings: SETTINGS });
    const { url, databaseUrl, redis, model, replicas } = cluster;
    const env = {
      ...SETTINGS,
      OPENAI_BASE_URL: model.url,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
    };
    const words = ["doctor", "--url", url, "--idle", "0"];
    const doctor = (more = {}) => runChatporch(words, { ...env, ...more }, temporaryFolder());

    replicas[0]?.toRedis.refuse();
    const ill = await doctor({ DATABASE_URL: databaseUrl.replace(/\w+$/, "nowhere") });
    expect(ill.exitCode).toBe(1);
    expect(ill.stdout).toMatch(
      /^✗ database +the one at 127\S+\/nowhere does not exist on that server$/m,
    );
    expect(ill.stdout).toMatch(
      /^✗ replicas +not all hear each other: \S+ \(\S+\.1\) does not reach Redis$/m,
    );

    await cluster.heal();
    await untilBusIsUp(url);
    const well = await doctor();
    expect(well.stdout).toMatch(
      /^✓ database +PostgreSQL \d+\.\d+ at 127\S+, schema \d+, \d+\.\d MB$/m,
    );
    expect(well.stdout).toMatch(/^✓ replicas +2 of 2 beat: /m);
    expect(well.stdout).toMatch(/^✓ Redis +.* hears and counts$/m);
    expect(well.stdout).toMatch(
      /^✓ replicas +\d of 2 answered by this address, and all hear them$/m,
    );
    expect(well.stdout).not.toContain("disk");
    expect(well.stdout).toEndWith("\nAll is well.\n");
    expect(well.stdout).not.toContain("chatporch:chatporch");
  });
});
