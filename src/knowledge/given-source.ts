import type { NewSource } from "../store/knowledge-store.ts";

/** A source whose texts are given to the server, which does not read it by itself. */
export function givenSource({
  kind,
  uri,
  createdAt,
}: Pick<NewSource, "uri" | "createdAt"> & { readonly kind: "files" | "notes" }): NewSource {
  const reading = { everyHours: undefined, only: undefined, ignoresRobots: false };
  return { kind, uri, createdAt, ...reading, nextAt: undefined };
}
