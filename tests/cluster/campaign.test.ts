import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { runClusterCampaign } from "../../harness/faults/cluster-campaign.ts";
import { chooseSeed, createRandom } from "../../harness/faults/random.ts";
import { cleanUp } from "../../harness/process.ts";
import { hasServers } from "./servers.ts";

setDefaultTimeout(120_000);

/** `bun run faults --cluster --minutes N` goes on for longer. */
const DURATION_MS = 30_000;

afterEach(cleanUp);

test.skipIf(!hasServers)(
  "nothing that three replicas acknowledged is lost or changed, whatever breaks around them",
  async () => {
    const seed = chooseSeed();
    const { losses, ...tally } = await runClusterCampaign({
      balancer: "haproxy",
      durationMs: DURATION_MS,
      random: createRandom(seed),
      onFault: (name) => console.log(`faults: ${name}`),
    });
    console.log(`faults: seed ${seed}, ${JSON.stringify(tally)}`);
    expect(losses).toEqual([]);
    // With fewer answers the run would show nothing.
    expect(tally.answers).toBeGreaterThan(100);
    expect(tally.faults).toBeGreaterThan(3);
  },
);
