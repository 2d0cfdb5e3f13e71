import { readdirSync } from "node:fs";
import { join } from "node:path";

import { BenchError } from "../../../harness/server-process.ts";

/** Questions with the documents that answer them (collections/README.md). */
export interface Collection {
  readonly name: string;
  readonly docs: readonly CollectionDocument[];
  readonly queries: readonly Query[];
  /** By the question's id: the grades of the documents that answer it, above 0. */
  readonly qrels: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface CollectionDocument {
  readonly id: string;
  readonly title?: string;
  readonly heading?: string;
  readonly text: string;
}

/** One of both: the question, or all questions of a conversation so far. */
interface Query {
  readonly id: string;
  readonly text?: string;
  readonly turns?: readonly string[];
}

export const OWN_COLLECTIONS = join(import.meta.dir, "collections");

/** The names of the files of a folder that have a collection. */
export function collectionFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.json(?:\.gz)?$/.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

export async function readCollection(path: string): Promise<Collection> {
  const bytes = await Bun.file(path).bytes();
  const json = path.endsWith(".gz") ? Bun.gunzipSync(bytes) : bytes;
  const collection: Partial<Collection> = JSON.parse(new TextDecoder().decode(json));
  const { name, docs, queries, qrels } = collection;
  if (typeof name !== "string" || !Array.isArray(docs) || !Array.isArray(queries) || !qrels) {
    throw new BenchError(`${path} is no collection: it needs name, docs, queries and qrels.`);
  }
  return { name, docs, queries: queries.filter(({ id }) => qrels[id] !== undefined), qrels };
}

/** The questions so far, the newest last. */
export function turnsOf({ text, turns }: Query): readonly string[] {
  return turns ?? [text ?? ""];
}
