import { startProcessorMeter } from "../../../harness/processor-meter.ts";
import { type Collection, turnsOf } from "./collection.ts";
import type { Engine } from "./engines.ts";
import { measure, type Measures } from "./measures.ts";

export interface CollectionResult extends Measures {
  /** Processor time of a question, in milliseconds. */
  readonly cpuMs: number;
}

export interface NamedResult {
  /** Of the collection. */
  readonly name: string;
  /** In the order of the engines. */
  readonly results: readonly CollectionResult[];
}

/** Asks an engine all questions of a collection. */
export async function runCollection(
  engine: Engine,
  collection: Collection,
): Promise<CollectionResult> {
  const { find, close } = await engine.open(collection.docs);
  try {
    const found = new Map<string, readonly string[]>();
    const spentMs = startProcessorMeter();
    for (const query of collection.queries) found.set(query.id, await find(turnsOf(query)));
    const cpuMs = spentMs() / collection.queries.length;
    return { ...measure(collection, found), cpuMs };
  } finally {
    await close();
  }
}
