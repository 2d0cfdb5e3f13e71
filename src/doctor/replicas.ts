import type { ReplicaList } from "../admin/schema.ts";
import { noDrainDelay } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import type { SeenReplica } from "../store/database-server-state.ts";
import type { PublicServer } from "./public-server.ts";
import { advised, type Finding } from "./report.ts";

const SUBJECT = "replicas";
/** A balancer that spreads by chance needs several requests to reach every replica. */
const REQUESTS_PER_REPLICA = 4;
/** The rest of the rate limit is for the other checks. */
const MAX_REQUESTS = 24;

/** Judges the replicas by what the database knows of them. */
export function judgeReplicas(
  replicas: readonly SeenReplica[],
  config: Pick<Config, "server">,
): Finding[] {
  if (replicas.length === 0) {
    return [{ mark: "ok", subject: SUBJECT, says: "none is running on this database" }];
  }
  const still = replicas.filter(({ isBeating }) => !isBeating);
  const findings: Finding[] = still.map(({ host, id }) => ({
    mark: "warning",
    subject: SUBJECT,
    says: `${host} (${id}) gives no sign of life`,
    mend: "Does its process run, and does it reach the database? If it was killed, the others notice within 6 s.",
  }));
  const versions = new Set(replicas.map(({ version }) => version));
  if (versions.size > 1) {
    findings.push({
      mark: "warning",
      subject: SUBJECT,
      says: `they have different versions: ${replicas.map(({ host, version }) => `${host} ${version}`).join(", ")}`,
      mend: "Finish the update: two versions work together only while one replaces the other.",
    });
  }
  const advice = noDrainDelay({ config, replicaCount: replicas.length });
  if (advice !== undefined) findings.push(advised(advice, SUBJECT));
  const living = replicas.length - still.length;
  const says = `${living} of ${replicas.length} beat: ${replicas.map(({ host }) => host).join(", ")}`;
  return [{ mark: "ok", subject: SUBJECT, says }, ...findings];
}

/**
 * Asks the replicas, by way of the public address, whether they hear each other. A balancer chooses which of
 * them answers, so each is asked several times.
 * @throws UnreachableError
 */
export async function checkHearing(server: PublicServer): Promise<Finding[]> {
  const answers = new Map<string, ReplicaList["replicas"]>();
  let count = 1;
  for (let i = 0; answers.size < count; i++) {
    if (i >= Math.min(MAX_REQUESTS, count * REQUESTS_PER_REPLICA)) break;
    const { replicas } = await server.replicas();
    const self = replicas.find(({ isSelf }) => isSelf);
    if (self === undefined) return [];
    answers.set(self.id, replicas);
    count = Math.max(count, replicas.length);
  }
  return judgeHearing(answers, count);
}

/** @param answers what each replica that was reached knows of all, by its id */
function judgeHearing(
  answers: ReadonlyMap<string, ReplicaList["replicas"]>,
  count: number,
): Finding[] {
  if (count < 2) return [];
  const deaf = Array.from(answers.values()).flatMap((replicas) => deafOnes(replicas));
  if (deaf.length > 0) {
    return [
      {
        mark: "wrong",
        subject: SUBJECT,
        says: `not all hear each other: ${deaf.join(", ")}`,
        mend: "Give all of them the same REDIS_URL, and look for “Redis is away” in their logs.",
      },
    ];
  }
  const hasBus = Array.from(answers.values()).some(([first]) => first?.isReached !== null);
  return [
    {
      mark: "ok",
      subject: SUBJECT,
      says: hasBus
        ? `${answers.size} of ${count} answered by this address, and all hear them`
        : `${answers.size} of ${count} answered by this address; without REDIS_URL they meet in the database only`,
    },
  ];
}

/** What a replica says of those that do not hear it. A replica that does not hear itself has lost the bus. */
function deafOnes(replicas: ReplicaList["replicas"]): string[] {
  const self = replicas.find(({ isSelf }) => isSelf);
  if (self?.isReached === false) return [`${self.host} (${self.id}) does not reach Redis`];
  const deaf = replicas.filter(({ isReached }) => isReached === false);
  return deaf.map(({ host, id }) => `${host} (${id}) does not hear ${self?.host} (${self?.id})`);
}
