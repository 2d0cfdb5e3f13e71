import { readClaimed } from "../knowledge/claimed-reading.ts";
import { givenSource } from "../knowledge/given-source.ts";
import { type FilesReading, readFiles } from "../knowledge/read-files.ts";
import { createRoom } from "../knowledge/room.ts";
import { findFiles, type FoundFiles, standardInput } from "./find-files.ts";
import { beingRead, tend, withKnowledge } from "./knowledge-database.ts";
import { isWebAddress, type LearnOptions, readLearnOptions } from "./learn-options.ts";
import { learnSite } from "./learn-site.ts";
import { startProgress } from "./progress.ts";
import { abortAtSignal, EXIT_OF_SIGNAL } from "./stop-signal.ts";
import { harmless, print } from "./terminal.ts";

/**
 * Reads a website or files into what the bot knows. A server may be running: its next answers know it.
 * @throws UsageProblem
 */
export async function learn(words: readonly string[]): Promise<number> {
  const options = readLearnOptions(words);
  const { signal, stopped } = abortAtSignal();
  const exitCode = isWebAddress(options.what)
    ? await learnSite(options, signal)
    : await learnFiles(options, signal);
  if (!signal.aborted) return exitCode;
  process.stderr.write("chatporch: stopped. What was read until then is known.\n");
  return EXIT_OF_SIGNAL[await stopped];
}

async function learnFiles({ what, name }: LearnOptions, stop: AbortSignal): Promise<number> {
  // Looked for first: where there is nothing to read, nothing is changed.
  const found = what === "-" ? standardInput(name) : await findFiles(what, name);
  const reading = await readInto(found, stop);
  if (reading === undefined) throw beingRead(found.uri);
  await print(harmless(report(found, reading)));
  return isInVain(reading) ? 1 : 0;
}

function isInVain({ stored, unchanged, unread }: FilesReading): boolean {
  return stored + unchanged === 0 && unread.length > 0;
}

/** A new source of which nothing could be read is removed again. Undefined when somebody else reads the same source. */
function readInto({ uri, files }: FoundFiles, stop: AbortSignal) {
  return withKnowledge(async (store, config): Promise<FilesReading | undefined> => {
    const now = Date.now;
    const hasRoom = createRoom({ store, maxBytes: () => config.database.maxBytes });
    const { isNew, source } = await store.addSource(
      givenSource({ kind: "files", uri, createdAt: now() }),
    );
    if (source.kind !== "files") throw new Error(`${uri} is there as something else.`);
    const progress = startProgress();
    const onProgress = (read: number) => progress.report(`reading ${uri}`, read, files.length);
    const reading = await readClaimed(
      source.id,
      { store, now, signal: stop },
      async (_, signal) => {
        const deps = { store, hasRoom, now, onProgress };
        const result = await readFiles(source.id, files, deps, signal);
        const error = stop.aborted ? "The reading was stopped before its end." : undefined;
        return { result, error, nextAt: undefined };
      },
    );
    progress.end();
    if (isNew && reading !== undefined && isInVain(reading)) await store.removeSource(source.id);
    if (!stop.aborted) await tend(store);
    return reading;
  });
}

/** How many of what was not read are named. */
const MAX_NAMED = 20;

function report({ uri }: FoundFiles, { stored, unchanged, removed, unread }: FilesReading): string {
  const counts = [
    `${stored} stored`,
    `${unchanged} unchanged`,
    ...(removed > 0 ? [`${removed} removed`] : []),
    ...(unread.length > 0 ? [`${unread.length} not read`] : []),
  ];
  return [
    `${uri}: ${counts.join(", ")}`,
    ...unread.slice(0, MAX_NAMED).map(({ name, reason }) => `  ${name}: ${reason}`),
    ...(unread.length > MAX_NAMED ? [`  … and ${unread.length - MAX_NAMED} more`] : []),
    "",
  ].join("\n");
}
