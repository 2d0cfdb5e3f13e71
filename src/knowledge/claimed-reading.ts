import type { KnowledgeSource, KnowledgeStore, SourceEnd } from "../store/knowledge-store.ts";
import { SourceClaims } from "./source-claims.ts";

interface ClaimedReadingDeps {
  readonly store: Pick<KnowledgeStore, "claimSource" | "keepSource" | "endSource">;
  readonly now: () => number;
  /** Ends the reading early. */
  readonly signal: AbortSignal;
}

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
  const claims = new SourceClaims({ store, now });
  const source = await claims.claim(id);
  if (source === undefined) return undefined;
  const { lost, release } = claims.keep(id);
  try {
    const { result, error, nextAt } = await read(source, AbortSignal.any([signal, lost]));
    await claims.end(id, { error, nextAt });
    return result;
  } catch (error) {
    await claims.end(id, { error: CUT_OFF, nextAt: source.nextAt });
    throw error;
  } finally {
    release();
  }
}

const CUT_OFF = "The reading was cut off by a fault.";
