import { startProcessorMeter } from "../../../harness/processor-meter.ts";
import { randomNumbers } from "../../../harness/random-numbers.ts";
import { quantile } from "../statistics.ts";
import { type Collection, turnsOf } from "./collection.ts";
import type { Engine } from "./engines.ts";

/** As many as a site of a thousand pages has. */
const SECTIONS = 8500;
const SECTION_WORDS = 140;
/** What a question may cost, in milliseconds of processor time. */
export const MAX_CPU_MS = 10;

interface ManySectionsResult {
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** Asks the questions of the collections where there are 8,500 sections of their sentences, put together anew. */
export async function runManySections(
  engine: Engine,
  collections: readonly Collection[],
): Promise<ManySectionsResult> {
  const docs = collections.flatMap((collection) => collection.docs);
  const sentences = docs.flatMap(({ text }) => text.match(/[^.!?]+[.!?]+\s*/g) ?? [text]);
  const random = randomNumbers(1);
  const sections = Array.from({ length: SECTIONS }, (_, n) => {
    const { title = "", heading = "" } = docs[n % docs.length] ?? {};
    let text = "";
    for (let words = 0; words < SECTION_WORDS;) {
      const sentence = sentences[Math.floor(random() * sentences.length)] ?? "";
      text += sentence;
      words += sentence.split(" ").length;
    }
    return { id: `${n}`, title, heading, text: text.slice(0, SECTION_WORDS * 12) };
  });
  const { find, close } = await engine.open(sections);
  const times: number[] = [];
  for (const query of collections.flatMap(({ queries }) => queries)) {
    const spentMs = startProcessorMeter();
    await find([turnsOf(query).at(-1) ?? ""]);
    times.push(spentMs());
  }
  await close();
  return { medianMs: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
}
