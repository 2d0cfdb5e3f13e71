import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/problems.ts";
import { openKnowledge } from "../parts.ts";
import type { KnowledgeDatabase } from "../store/knowledge-database.ts";
import { settingsOrProblems } from "./settings.ts";
import { warn } from "./terminal.ts";

/** How long a command tends the index before it leaves the rest to the server. */
const UPKEEP_MS = 5000;

/**
 * Runs the work of a command with what the bot knows, and with the settings as a server has them. A server may be
 * running.
 * @throws ConfigError, an error that says why the database cannot be used, and what the work throws
 */
export async function withKnowledge<Result>(
  work: (knowledge: KnowledgeDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  const settings = await settingsOrProblems();
  if (settings instanceof ConfigError) throw settings;
  const { config } = settings;
  const knowledge = await openKnowledge(config.database, { log: { warn } });
  try {
    return await work(knowledge, config);
  } finally {
    await knowledge.close();
  }
}

/** Takes out of the file what was deleted. A server does what is left. */
export async function tend(knowledge: Pick<KnowledgeDatabase, "tendKnowledge">): Promise<void> {
  const until = performance.now() + UPKEEP_MS;
  while (performance.now() < until) {
    if ((await knowledge.tendKnowledge()).isDone) return;
  }
}

/** Says why a source is not read: somebody else has it, or died with it. */
export function beingRead(uri: string): Error {
  return new Error(
    `${uri} is being read just now. If that was cut off, it can be read again two minutes later.`,
  );
}
