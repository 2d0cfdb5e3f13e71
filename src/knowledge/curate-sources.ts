import { MAX_REFRESH_HOURS } from "../config/knowledge.ts";
import type { KnowledgeSource, NewSource } from "../store/knowledge-store.ts";
import { type CuratorDeps, requireRoom } from "./curator.ts";
import { readEnteredAddress } from "./entered-address.ts";
import { RefusedEntryError } from "./refused-entry.ts";

/** How a website or page is read. */
export interface ReadingOptions {
  /** Hours between two readings. Undefined: as the settings say. Null: only when asked for. */
  readonly everyHours?: number | null | undefined;
  /** Undefined or empty: everything under the address. */
  readonly only?: string | undefined;
  readonly ignoresRobots?: boolean | undefined;
}

/** A website or a page that the owner names. */
export interface EnteredSource extends ReadingOptions {
  readonly kind: "site" | "page";
  readonly address: string;
}

/**
 * Adds a website or a page, which is read at once. One that is there is read again, with these options.
 * @throws RefusedEntryError, AppError database_full
 */
export async function addSource(
  deps: CuratorDeps,
  { kind, address, ...entered }: EnteredSource,
): Promise<{ readonly isNew: boolean; readonly source: KnowledgeSource }> {
  const { store, onDue, now } = deps;
  const url = readEnteredAddress("address", address);
  const options = { ...readOptions(url, entered), nextAt: now() };
  await requireRoom(deps);
  const added = await store.addSource({ kind, uri: url.href, createdAt: now(), ...options });
  if (added.isNew) {
    onDue();
    return added;
  }
  if (added.source.kind !== kind) throw new RefusedEntryError("kind", KINDS[added.source.kind]);
  await store.changeSource(added.source.id, options);
  onDue();
  return { isNew: false, source: { ...added.source, ...options } };
}

/**
 * Changes how a source is read, from its next reading on. Returns undefined when it does not exist or is not read.
 * @throws RefusedEntryError
 */
export async function changeReading(
  deps: CuratorDeps,
  id: number,
  entered: ReadingOptions,
): Promise<KnowledgeSource | undefined> {
  const source = await findReadSource(deps, id);
  if (source === undefined) return undefined;
  const options = readOptions(new URL(source.uri), entered);
  const { everyHours } = options;
  const nextAt = everyHours === undefined ? undefined : (source.nextAt ?? deps.now());
  await deps.store.changeSource(id, { ...options, nextAt });
  deps.onDue();
  return { ...source, ...options, nextAt };
}

/** Has a website or page read now. Returns undefined when it does not exist or is not read. */
export async function readAgain(
  deps: CuratorDeps,
  id: number,
): Promise<KnowledgeSource | undefined> {
  const source = await findReadSource(deps, id);
  if (source === undefined) return undefined;
  await requireRoom(deps);
  const nextAt = deps.now();
  await deps.store.changeSource(id, { nextAt });
  deps.onDue();
  return { ...source, nextAt };
}

/** Whether the server reads a source by itself. Files are read where they are, and notes are typed. */
export function isReadFromWeb({ kind }: Pick<KnowledgeSource, "kind">): boolean {
  return kind === "site" || kind === "page";
}

/** Whether a reading has begun and not ended. One that was cut off is due. */
export function isBeingRead({
  startedAt,
  endedAt = 0,
}: Pick<KnowledgeSource, "startedAt" | "endedAt">): boolean {
  return startedAt !== undefined && startedAt > endedAt;
}

async function findReadSource(
  { store }: CuratorDeps,
  id: number,
): Promise<KnowledgeSource | undefined> {
  const source = await store.findSource(id);
  return source !== undefined && isReadFromWeb(source) ? source : undefined;
}

function readOptions(
  url: URL,
  { everyHours, only = "", ignoresRobots = false }: ReadingOptions,
): Pick<NewSource, "everyHours" | "only" | "ignoresRobots"> {
  const isUsual = everyHours === undefined || everyHours === null || isNumberOfHours(everyHours);
  if (!isUsual) throw new RefusedEntryError("everyHours", HOURS);
  const prefix = only.trim() === "" ? undefined : readEnteredAddress("only", only);
  if (prefix !== undefined && prefix.origin !== url.origin) {
    throw new RefusedEntryError("only", "This is not on the same website.");
  }
  const stored = everyHours === undefined ? "default" : (everyHours ?? undefined);
  return { everyHours: stored, only: prefix?.href, ignoresRobots };
}

function isNumberOfHours(hours: number): boolean {
  return Number.isInteger(hours) && hours >= 1 && hours <= MAX_REFRESH_HOURS;
}

const HOURS = `This must be a whole number from 1 to ${MAX_REFRESH_HOURS}.`;

const KINDS: Readonly<Record<KnowledgeSource["kind"], string>> = {
  site: "This address is there as a website. Remove that first.",
  page: "This address is there as a single page. Remove that first.",
  files: "This address is there as a file. Remove that first.",
  notes: "This address is taken by the notes.",
};
