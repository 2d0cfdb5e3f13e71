import type { Config } from "../config/config.ts";
import { readWebAddress } from "../crawl/web-address.ts";
import { readClaimed } from "../knowledge/claimed-reading.ts";
import { hoursBetween } from "../knowledge/hours-between.ts";
import { LearningProgress } from "../knowledge/learning-progress.ts";
import { readSource, type SourceReading } from "../knowledge/read-source.ts";
import { createRoom } from "../knowledge/room.ts";
import { createSourceFetch } from "../knowledge/source-fetch.ts";
import { HOUR_MS } from "../runtime/time.ts";
import type { KnowledgeDatabase } from "../store/knowledge-database.ts";
import type { KnowledgeSource } from "../store/knowledge-store.ts";
import { beingRead, tend, withKnowledge } from "./knowledge-database.ts";
import type { LearnOptions } from "./learn-options.ts";
import { startProgress } from "./progress.ts";
import { harmless, print, warn } from "./terminal.ts";

/**
 * Reads a website or a page here and now, and leaves the later readings to the server.
 * @returns the exit code
 */
export async function learnSite(options: LearnOptions, stop: AbortSignal): Promise<number> {
  const address = addressOf(options.what);
  const only = options.only === undefined ? undefined : addressOf(options.only, address);
  if (only !== undefined && only.origin !== address.origin) {
    throw new Error(`${only.href} is not on the website ${address.origin}.`);
  }
  return withKnowledge(async (store, config) => {
    const { isNew, source } = await nameSource(store, {
      ...options,
      what: address.href,
      only: only?.href,
    });
    const reading = await readNow(source, { store, config, stop });
    if (reading === undefined) throw beingRead(source.uri);
    if (!stop.aborted) await tend(store);
    const reasons = await reasonsIn(store, source.id);
    await print(harmless(`${source.uri}: ${countsOf(reading)}\n${reasons}`));
    if (reading.error !== undefined) warn(reading.error);
    if (reading.hasFailed && isNew) await store.removeSource(source.id);
    return reading.hasFailed ? 1 : 0;
  });
}

function addressOf(text: string, base?: URL): URL {
  const { url, refusal } = readWebAddress(text, base);
  if (url === undefined) throw new Error(`${text} cannot be read. ${refusal}`);
  return url;
}

/** Adds the source, or changes how one that is there is read. A new one that cannot be read is removed again. */
async function nameSource(
  store: KnowledgeDatabase,
  { what, everyHours, only, ignoresRobots, isOnePage }: LearnOptions,
): Promise<{ readonly isNew: boolean; readonly source: KnowledgeSource }> {
  const kind = isOnePage ? "page" : "site";
  const { isNew, source } = await store.addSource({
    kind,
    uri: what,
    everyHours: everyHours ?? "default",
    only,
    ignoresRobots: ignoresRobots ?? false,
    createdAt: Date.now(),
    nextAt: undefined,
  });
  if (isNew) return { isNew, source };
  if (source.kind !== kind && (isOnePage || source.kind !== "page")) {
    throw new Error(`${what} is there as something else. See chatporch knowledge, and forget.`);
  }
  const change = {
    ...(everyHours === undefined ? {} : { everyHours }),
    ...(only === undefined ? {} : { only }),
    ...(ignoresRobots === undefined ? {} : { ignoresRobots }),
  };
  await store.changeSource(source.id, change);
  return { isNew, source: { ...source, ...change } };
}

interface ReadNowDeps {
  readonly store: KnowledgeDatabase;
  readonly config: Config;
  readonly stop: AbortSignal;
}

/** Undefined when a server is reading it. */
async function readNow(
  { id, uri, everyHours }: KnowledgeSource,
  { store, config, stop }: ReadNowDeps,
): Promise<SourceReading | undefined> {
  const now = Date.now;
  const shown = startProgress();
  const progress = new LearningProgress();
  progress.subscribe((_id, step) => step && shown.report(`reading ${uri}`, step.read, step.total));
  const deps = {
    store,
    fetch: createSourceFetch(uri, config),
    hasRoom: createRoom({ store, maxBytes: () => config.database.maxBytes }),
    progress,
    isFree: async () => {},
    now,
  };
  try {
    return await readClaimed(id, { store, now, signal: stop }, async (source, signal) => {
      const result = await readSource(source, deps, signal);
      const error = stop.aborted ? "The reading was stopped at the terminal." : result.error;
      const hours = hoursBetween(everyHours, config.knowledge);
      const nextAt = hours && now() + hours * HOUR_MS;
      return { result, error, nextAt };
    });
  } finally {
    shown.end();
  }
}

function countsOf({ stored, unchanged, withoutText, removed, refused }: SourceReading): string {
  const counts: (readonly [number, string])[] = [
    [withoutText, "without text"],
    [removed, "removed"],
    [refused, "without room"],
  ];
  return [
    `${stored} ${stored === 1 ? "page" : "pages"} stored`,
    `${unchanged} unchanged`,
    ...counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])),
  ].join(", ");
}

/** How many pages are named. */
const MAX_NAMED = 10;

/** Why pages have no text or no newer one, a line each. */
async function reasonsIn(store: KnowledgeDatabase, sourceId: number): Promise<string> {
  const lines: string[] = [];
  for (const status of ["failed", "empty", "skipped"] as const) {
    const { documents, total } = await store.listDocuments({ sourceId, status, limit: MAX_NAMED });
    lines.push(...documents.map(({ uri, reason = status }) => `  ${uri}: ${reason}\n`));
    if (total > documents.length)
      lines.push(`  … and ${total - documents.length} more: ${status}\n`);
  }
  return lines.join("");
}
