import { randomText } from "../runtime/random-text.ts";
import { MINUTE_MS, SECOND_MS } from "../runtime/time.ts";
import type { KnowledgeSource, KnowledgeStore, SourceEnd } from "../store/knowledge-store.ts";

interface ClaimedReadingDeps {
  readonly store: Pick<KnowledgeStore, "claimSource" | "keepSource" | "endSource">;
  readonly now: () => number;
  /** Ends the reading early. */
  readonly signal: AbortSignal;
}

const CLAIM_MS = 2 * MINUTE_MS;
const KEEP_INTERVAL_MS = 30 * SECOND_MS;
const OWNER_BYTES = 9;

/**
 * Reads one source in this process, whether it is due or not, so that no server reads it meanwhile.
 * @param read returns its result, and what is stored of the reading
 * @returns undefined when somebody else is reading it
 * @throws what `read` throws. The source is not claimed any more then.
 */
export async function readClaimed<Result>(
  id: number,
  { store, now, signal }: ClaimedReadingDeps,
  read: (
    source: KnowledgeSource,
    signal: AbortSignal,
  ) => Promise<{ readonly result: Result } & Pick<SourceEnd, "error" | "nextAt">>,
): Promise<Result | undefined> {
  const owner = randomText(OWNER_BYTES);
  const claim = () => ({ owner, now: now(), until: now() + CLAIM_MS, sourceId: id });
  const source = await store.claimSource(claim());
  if (source === undefined) return undefined;
  const lost = new AbortController();
  const keeping = setInterval(() => {
    // A write that fails is tried again in time.
    const kept = store.keepSource(id, claim()).catch(() => true);
    void kept.then((isKept) => isKept || lost.abort());
  }, KEEP_INTERVAL_MS);
  try {
    const { result, error, nextAt } = await read(source, AbortSignal.any([signal, lost.signal]));
    await store.endSource(id, { owner, at: now(), error, nextAt });
    return result;
  } catch (error) {
    const { nextAt } = source;
    await store.endSource(id, { owner, at: now(), error: CUT_OFF, nextAt });
    throw error;
  } finally {
    clearInterval(keeping);
  }
}

const CUT_OFF = "The reading was cut off by a fault.";
