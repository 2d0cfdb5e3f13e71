import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { addSource, newDocument, section } from "../support/stored-knowledge.ts";

/**
 * A process that changes what the bot knows until it is killed, and writes a line when a change is stored: `put 3 7`
 * for the seventh text of the third document, `removed 3`.
 */
const [file = ""] = Bun.argv.slice(2);
const DOCUMENTS = 5;
const SECTIONS = 120;

const store = openSqliteStore(file);
const { id: sourceId } = await addSource(store);
for (let n = 1; ; n += 1) {
  const document = n % DOCUMENTS;
  const uri = `https://shop.example/${document}`;
  const sections = Array.from({ length: SECTIONS }, (_, at) =>
    section(`text${n} of section${at} ${"and more words ".repeat(10)}`),
  );
  await store.putDocument(newDocument({ sourceId, uri, sections, title: `Text ${n}` }));
  process.stdout.write(`put ${document} ${n}\n`);
  if (n % 4 !== 0) continue;
  const stored = await store.findDocument(uri);
  await store.removeDocument(stored?.id ?? 0);
  process.stdout.write(`removed ${document}\n`);
}
