import { postgresPlace } from "../../config/database.ts";
import { UnusableSettingError } from "../../config/problems.ts";
import type { Logger } from "../../runtime/logger.ts";
import { SECOND_MS } from "../../runtime/time.ts";
import type { DerivedIndex } from "../derived-index.ts";
import type { DayOf } from "../figures.ts";
import type { ServerFinding, ServerReport } from "../server-report.ts";
import { faultOf } from "./fault.ts";
import { openPostgresStore, type PostgresParts } from "./open.ts";
import { probePostgres } from "./probe.ts";

interface StartOptions {
  readonly url: string;
  /** DATABASE_CONNECTIONS */
  readonly connections: number;
  readonly log: Pick<Logger, "warn">;
  /** Called after every transaction of a turn with its duration. */
  readonly onWrite?: (durationMs: number) => void;
  /** The day that a time is counted to. Default: in UTC. */
  readonly dayOf?: DayOf;
  /** Makes an empty index of this process's own. Missing: nothing of what the bot knows is found. */
  readonly makeIndex?: () => Promise<DerivedIndex>;
  /** How long a search waits for what that index lacks. */
  readonly searchWaitMs?: number;
  /** How long to wait for a server that is not there yet. */
  readonly patienceMs?: number;
}

/** A machine or a compose file starts the database and its users at the same time. */
const PATIENCE_MS = 10 * SECOND_MS;
const PROBE_INTERVAL_MS = 500;

/**
 * Opens a PostgreSQL database for a server that starts: looks first whether it can be used, and waits a while
 * for one that is not there yet.
 * @throws UnusableSettingError with the reason and what to do
 */
export async function startPostgresStore(options: StartOptions): Promise<PostgresParts> {
  const { url, connections, log, onWrite, dayOf, makeIndex, searchWaitMs } = options;
  const { fault, warnings } = await waitForServer(options);
  if (fault) throw unusable(url, fault);
  for (const { says, mend } of warnings) log.warn(`the database ${says}`, { mend });
  try {
    return await openPostgresStore(url, { connections, onWrite, dayOf, makeIndex, searchWaitMs });
  } catch (error) {
    if (error instanceof UnusableSettingError) throw error;
    throw unusable(url, await faultOf(error, url));
  }
}

async function waitForServer(options: StartOptions): Promise<ServerReport> {
  const { url, connections, log, patienceMs = PATIENCE_MS } = options;
  const until = performance.now() + patienceMs;
  let logged: string | undefined;
  for (;;) {
    const report = await probePostgres(url, { connections });
    const { fault } = report;
    if (!fault?.mayPass || performance.now() >= until) return report;
    if (fault.says !== logged) log.warn("waiting for the database", { reason: fault.says });
    logged = fault.says;
    await Bun.sleep(PROBE_INTERVAL_MS);
  }
}

function unusable(url: string, { says, mend }: ServerFinding): UnusableSettingError {
  return new UnusableSettingError(`the database at ${postgresPlace(url)} ${says}. ${mend}`);
}
