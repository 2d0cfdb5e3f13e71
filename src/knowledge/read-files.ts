import type { FileReading, FoundDocument, Unread } from "../readers/file-reading.ts";
import { within } from "../readers/read-archive.ts";
import { inTurns } from "../runtime/event-loop-turn.ts";
import { type KnowledgeStore, MAX_DOCUMENT_SECTIONS } from "../store/knowledge-store.ts";
import type { ReadDocument } from "../text/document.ts";
import { splitDocument } from "../text/split-document.ts";
import { documentsOf } from "./missing-pages.ts";
import { DATABASE_FULL } from "./room.ts";
import { storePage } from "./store-page.ts";

/** A file that is to be read. */
export interface NamedFile {
  /** What it is known by. */
  readonly uri: string;
  /** Resolves with what is in it. Called once. */
  read(): Promise<FileReading>;
}

export interface FilesReading {
  readonly stored: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Files and parts of them that were not read, with the reasons. What was read of them earlier stays. */
  readonly unread: readonly Unread[];
}

export interface ReadFilesDeps {
  readonly store: Pick<
    KnowledgeStore,
    "putDocument" | "noteDocument" | "listDocuments" | "removeDocument"
  >;
  readonly hasRoom: () => Promise<boolean>;
  readonly now: () => number;
  /** Called after each file with how many were read. */
  readonly onProgress?: (read: number) => void;
}

/**
 * Reads the files of a source: stores what has changed, and removes the documents of files that are gone. A file that
 * cannot be read keeps what was read of it earlier.
 * @param signal ends the reading between two documents. Nothing is removed then.
 */
export async function readFiles(
  sourceId: number,
  files: readonly NamedFile[],
  deps: ReadFilesDeps,
  signal: AbortSignal,
): Promise<FilesReading> {
  const reading = new RunningReading(sourceId, deps, signal);
  for (const [index, file] of files.entries()) {
    if (signal.aborted) break;
    await reading.read(file);
    deps.onProgress?.(index + 1);
  }
  if (!signal.aborted) await reading.removeOthers();
  return reading.result;
}

class RunningReading {
  readonly #sourceId: number;
  readonly #deps: ReadFilesDeps;
  readonly #signal: AbortSignal;
  readonly #seen = new Set<string>();
  /** Files of which the earlier documents stay. */
  readonly #kept = new Set<string>();
  readonly #unread: Unread[] = [];
  readonly #counts = { stored: 0, unchanged: 0, removed: 0 };

  constructor(sourceId: number, deps: ReadFilesDeps, signal: AbortSignal) {
    this.#sourceId = sourceId;
    this.#deps = deps;
    this.#signal = signal;
  }

  get result(): FilesReading {
    return { ...this.#counts, unread: this.#unread };
  }

  async read(file: NamedFile): Promise<void> {
    const found = await file.read();
    if (found.kind !== "read") return this.#keep(file.uri, found.reason);
    for (const { name, reason } of found.unread) await this.#keep(within(file.uri, name), reason);
    for (const document of found.documents) {
      if (this.#signal.aborted) return;
      await this.#store(file.uri, document);
    }
  }

  async removeOthers(): Promise<void> {
    for await (const { id, uri } of documentsOf(this.#deps.store, this.#sourceId)) {
      if (this.#seen.has(uri) || this.#isKept(uri)) continue;
      if (await this.#deps.store.removeDocument(id)) this.#counts.removed++;
    }
  }

  /** Whether it is of a file that could not be read this time. */
  #isKept(uri: string): boolean {
    for (const kept of this.#kept) {
      if (uri === kept || uri.startsWith(`${kept}#`) || uri.startsWith(`${kept}/`)) return true;
    }
    return false;
  }

  async #keep(uri: string, reason: string): Promise<void> {
    this.#kept.add(uri);
    await this.#refuse(uri, reason);
  }

  async #refuse(uri: string, reason: string): Promise<void> {
    const { store, now } = this.#deps;
    this.#unread.push({ name: uri, reason });
    const note = { sourceId: this.#sourceId, uri, status: "failed", at: now() } as const;
    await store.noteDocument({ ...note, reason, isMissing: false });
  }

  /** A book in one file is several documents: nothing of it is left out. */
  async #store(file: string, { name, address, document: read }: FoundDocument): Promise<void> {
    const title = read.title || nameOf(file, name);
    const documents = await inTurns(splitDocument({ ...read, title }, MAX_DOCUMENT_SECTIONS));
    const uri = this.#uriOf(within(file, name), address);
    for (const [index, document] of documents.entries()) {
      if (this.#signal.aborted) return;
      await this.#storeOne(index === 0 ? uri : `${uri}#part-${index + 1}`, document);
    }
  }

  async #storeOne(uri: string, document: ReadDocument): Promise<void> {
    const { store, hasRoom, now } = this.#deps;
    this.#seen.add(uri);
    if (!(await hasRoom())) return this.#refuse(uri, DATABASE_FULL);
    const outcome = await storePage(store, {
      sourceId: this.#sourceId,
      address: uri,
      document,
      at: now(),
    });
    if (outcome === "full") this.#unread.push({ name: uri, reason: NO_ROOM });
    else if (outcome !== "gone") this.#counts[outcome]++;
  }

  /** The address that visitors can open, if the file has it. Two entries may have the same. */
  #uriOf(name: string, address: string | undefined): string {
    if (address === undefined) return name;
    if (!this.#seen.has(address)) return address;
    const url = new URL(address);
    url.hash = name.slice(name.indexOf("#") + 1);
    return url.href;
  }
}

/** The name of a file without its folders and its ending, for a document that has no title. */
function nameOf(file: string, name: string): string {
  const path = within(file, name);
  const last = path.slice(path.lastIndexOf("/") + 1);
  return last.replace(/\.[a-z]{2,8}(?=#|$)/i, "");
}

const NO_ROOM =
  "There is no room for it: the bot knows as much as can be searched. Remove a source, or read less.";
