import { tend, withKnowledge } from "./knowledge-database.ts";
import { harmless, print } from "./terminal.ts";
import { UsageProblem } from "./usage-problem.ts";

/**
 * Removes a source with all that was read of it, or one document. Nothing of it is found from then on.
 * @throws UsageProblem
 */
export async function forget(words: readonly string[]): Promise<number> {
  const [uri, ...others] = words;
  if (uri === undefined || uri === "" || uri.startsWith("-") || others.length > 0) {
    throw new UsageProblem("takes the name of one source or document. See --help.");
  }
  const says = await withKnowledge(async (store) => {
    const names = namesOf(uri);
    const sources = await store.listSources();
    const source = sources.find((each) => names.includes(each.uri));
    if (source !== undefined) {
      await store.removeSource(source.id);
      await tend(store);
      return `${source.uri} is forgotten, with ${documentsIn(source.documents)}.`;
    }
    for (const name of names) {
      const document = await store.findDocument(name);
      if (document === undefined) continue;
      await store.removeDocument(document.id);
      await tend(store);
      return `${document.uri} is forgotten. If its source still has it, the next reading finds it again.`;
    }
    throw new Error(`There is nothing known of the name ${uri}. See chatporch knowledge.`);
  });
  return print(`${harmless(says)}\n`);
}

/** An address as it is typed, and as it is stored. */
function namesOf(uri: string): string[] {
  const href = /^https?:/i.test(uri) ? URL.parse(uri)?.href : undefined;
  return href === undefined || href === uri ? [uri] : [uri, href];
}

function documentsIn(counts: Readonly<Record<string, number>>): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return all === 1 ? "its document" : `its ${all.toLocaleString("en")} documents`;
}
