import { cleanLine, cleanText } from "./clean-text.ts";
import { type FileReading, type FoundDocument, MAX_FOUND_DOCUMENTS } from "./file-reading.ts";
import { readHtml } from "./read-html.ts";
import { NO_TEXT } from "./reading.ts";
import { webAddress } from "./web-address.ts";

/** One entry of a list, such as a question with its answer, or a product. */
export interface Entry {
  readonly title: string;
  readonly text: string;
  readonly address: string | undefined;
}

const MAX_NAME = 80;

/**
 * The entries of a table or a list, each as a document of its own, so that the best of them are given to the model,
 * however many stand in one file. A name is made of the title, and so stays when other entries come and go.
 */
export function documentsOf(entries: Iterable<Entry>): FileReading {
  const documents: FoundDocument[] = [];
  const names = new Map<string, number>();
  for (const entry of entries) {
    const text = plainText(entry.text);
    if (text === "") continue;
    if (documents.length === MAX_FOUND_DOCUMENTS) {
      return {
        kind: "unreadable",
        reason: `It has more than ${MAX_FOUND_DOCUMENTS.toLocaleString("en")} entries. Split it.`,
      };
    }
    const title = cleanLine(entry.title);
    documents.push({
      name: `#${uniqueName(title, names)}`,
      address: webAddress(entry.address),
      document: { title, lang: undefined, parts: [{ path: [], anchor: "", text }] },
    });
  }
  return documents.length === 0 ? NO_TEXT : { kind: "read", documents, unread: [] };
}

/** The text of a value, which may be HTML. */
function plainText(value: string): string {
  if (/<(?:p|br|div|ul|ol|li|h[1-6]|table|strong|em|b|a|span)\b[^<>]{0,2000}>/i.test(value)) {
    const { reading } = readHtml(value, "");
    if (reading.kind !== "read") return "";
    const texts = reading.document.parts.map(({ path, text }) =>
      [...path.slice(-1), text].join("\n"),
    );
    return texts.join("\n\n");
  }
  return cleanText(value).trim();
}

function uniqueName(title: string, names: Map<string, number>): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const name = words.join("-").slice(0, MAX_NAME).toWellFormed() || "entry";
  const earlier = names.get(name) ?? 0;
  names.set(name, earlier + 1);
  // A title such as "a-2" does not get the name of the second "a".
  return earlier === 0 ? name : `${name}~${earlier + 1}`;
}
