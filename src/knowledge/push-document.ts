import { cleanLine } from "../readers/clean-text.ts";
import { readHtmlInSteps } from "../readers/read-html.ts";
import { readMarkdownInSteps } from "../readers/read-markdown.ts";
import { readText } from "../readers/read-text.ts";
import type { Reading } from "../readers/reading.ts";
import { inTurns } from "../runtime/event-loop-turn.ts";
import type { KnowledgeDocument, KnowledgeSource } from "../store/knowledge-store.ts";
import { type CuratorDeps, requireRoom, storedDocument } from "./curator.ts";
import { readEnteredAddress } from "./entered-address.ts";
import { givenSource } from "./given-source.ts";
import { RefusedEntryError } from "./refused-entry.ts";
import { storePage } from "./store-page.ts";

/** How a pushed text is written. */
export type PushedFormat = "text" | "markdown" | "html";

/** A page that a program of the owner sends, such as his content management system. */
export interface PushedPage {
  /** Where visitors find the page. */
  readonly url: string;
  /** Undefined: the one that the text has. */
  readonly title?: string | undefined;
  readonly text: string;
  readonly format: PushedFormat;
}

/** The source of the pages that programs send. */
const PUSHED_URI = "api:";

const READERS: Readonly<
  Record<PushedFormat, (text: string, address: string) => Reading | Promise<Reading>>
> = {
  text: readText,
  markdown: (text) => inTurns(readMarkdownInSteps(text)),
  html: async (text, address) => (await inTurns(readHtmlInSteps(text, address))).reading,
};

/**
 * Stores a page in place of the one that was sent before with this address.
 * @throws RefusedEntryError, AppError database_full or knowledge_full
 */
export async function pushPage(
  deps: CuratorDeps,
  { url, title, text, format }: PushedPage,
): Promise<{ readonly isNew: boolean; readonly document: KnowledgeDocument }> {
  const { href } = readEnteredAddress("url", url);
  const reading = await READERS[format](text, href);
  if (reading.kind !== "read") throw new RefusedEntryError("text", reading.reason);
  await requireRoom(deps);
  const { store, now } = deps;
  const source = await pushedSource(deps);
  const known = await store.findDocument(href);
  if (known !== undefined && known.sourceId !== source.id) {
    throw new RefusedEntryError("url", READ_BY_ANOTHER);
  }
  const named = title === undefined ? "" : cleanLine(title);
  const document = named === "" ? reading.document : { ...reading.document, title: named };
  const outcome = await storePage(store, {
    sourceId: source.id,
    address: href,
    document,
    at: now(),
  });
  const isNew = known === undefined;
  return { isNew, document: await storedDocument(store, href, outcome) };
}

async function pushedSource({ store, now }: CuratorDeps): Promise<KnowledgeSource> {
  const pushed = givenSource({ kind: "files", uri: PUSHED_URI, createdAt: now() });
  return (await store.addSource(pushed)).source;
}

const READ_BY_ANOTHER =
  "This page is read from a website or a file that is a source of its own, which would replace the text again. Remove that source, or leave the page out of it.";
