import type { BalancerName } from "../harness/balancer.ts";
import { type ClusterTally, runClusterCampaign } from "../harness/faults/cluster-campaign.ts";
import { createRandom } from "../harness/faults/random.ts";
import { cleanUp } from "../harness/process.ts";

interface ClusterRun {
  readonly minutes: number;
  readonly seed: number;
  readonly balancer: BalancerName;
  readonly binary: string;
}

const MINUTE_MS = 60_000;

/** Breaks a cluster for so many minutes. Returns false when anything was lost. */
export async function breakCluster(run: ClusterRun): Promise<boolean> {
  const { minutes, seed, balancer, binary } = run;
  const startedAt = performance.now();
  const elapsed = () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  console.log(
    `faults: three replicas of ${binary} behind ${balancer} for ${minutes} minutes; --seed ${seed}`,
  );
  let printedLosses = 0;
  function print(line: string, { losses, ...tally }: ClusterTally): void {
    for (const loss of losses.slice(printedLosses)) console.log(`✗ ${loss}`);
    printedLosses = losses.length;
    console.log(`faults: ${elapsed()} ${line}: ${describe(tally)}, ${losses.length} losses`);
  }

  const tally = await runClusterCampaign({
    balancer,
    durationMs: minutes * MINUTE_MS,
    random: createRandom(seed),
    program: [binary],
    onFault: print,
  });
  print(tally.losses.length === 0 ? "all checks passed" : "FAILED", tally);
  await cleanUp();
  return tally.losses.length === 0;
}

function describe(tally: Omit<ClusterTally, "losses">): string {
  const { turns, answers, interrupted, faults, longestMs, settledMs } = tally;
  return [
    `${faults} faults`,
    `${turns} questions acknowledged`,
    `${answers} answered`,
    `${interrupted} interrupted`,
    `the longest in ${(longestMs / 1000).toFixed(1)} s`,
    ...(settledMs > 0 ? [`none under way ${(settledMs / 1000).toFixed(1)} s after the last`] : []),
  ].join(", ");
}
