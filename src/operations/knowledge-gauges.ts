import type { Metrics } from "../metrics/metrics.ts";
import { DOCUMENT_STATUSES, type KnowledgeStore } from "../store/knowledge-store.ts";

export type KnowledgeCounts = Pick<KnowledgeStore, "knowledgeSize" | "listSources">;

interface KnowledgeGaugesDeps {
  readonly metrics: Pick<Metrics, "knowledgeSections" | "knowledgeDocuments">;
  readonly store: KnowledgeCounts;
}

/** Counting reads every document. */
const COUNT_INTERVAL_MS = 30_000;

/** Returns a function that sets the gauges of what the bot knows. It never rejects. */
export function createKnowledgeGauges({ metrics, store }: KnowledgeGaugesDeps) {
  let countedAt = Number.NEGATIVE_INFINITY;

  async function countDocuments(): Promise<void> {
    if (performance.now() - countedAt < COUNT_INTERVAL_MS) return;
    const sources = await store.listSources();
    countedAt = performance.now();
    for (const status of DOCUMENT_STATUSES) {
      const count = sources.reduce((sum, { documents }) => sum + documents[status], 0);
      metrics.knowledgeDocuments.setOf(status, count);
    }
  }

  return async (): Promise<void> => {
    const sections = await store.knowledgeSize().then(
      (size) => size.sections,
      () => Number.NaN,
    );
    metrics.knowledgeSections.set(sections);
    // Where the database does not answer, the last counts stay.
    await countDocuments().catch(() => undefined);
  };
}
