import type { ReplicaList, SeenRequest } from "../admin/schema.ts";
import { printable } from "./printable.ts";

/** What the diagnostics of a running server answer. It may have another version, or be no chatporch at all. */

export function isSeenRequest(value: unknown): value is SeenRequest {
  if (typeof value !== "object" || value === null) return false;
  const isText = (name: string) => typeof Reflect.get(value, name) === "string";
  const isTextOrNull = (name: string) => isText(name) || Reflect.get(value, name) === null;
  const forwardedFor: unknown = Reflect.get(value, "forwardedFor");
  return (
    ["version", "scheme", "host", "client", "environment"].every(isText) &&
    ["peer", "connection", "trustProxy"].every(isTextOrNull) &&
    Array.isArray(forwardedFor) &&
    forwardedFor.every((entry) => typeof entry === "string")
  );
}

export function isReplicaList(value: unknown): value is ReplicaList {
  const replicas: unknown = typeof value === "object" && value && Reflect.get(value, "replicas");
  return Array.isArray(replicas) && replicas.every((each) => isKnownReplica(each));
}

function isKnownReplica(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const typeOf = (name: string) => typeof Reflect.get(value, name);
  const isReached: unknown = Reflect.get(value, "isReached");
  return (
    ["id", "host", "version"].every((name) => typeOf(name) === "string") &&
    typeOf("isSelf") === "boolean" &&
    (isReached === null || typeof isReached === "boolean")
  );
}

/** Makes the texts safe to print, because an unknown server may have sent anything. */
export function cleaned(seen: SeenRequest): SeenRequest {
  const orNull = (text: string | null) => (text === null ? null : printable(text));
  return {
    version: printable(seen.version),
    scheme: printable(seen.scheme),
    host: printable(seen.host),
    connection: orNull(seen.connection),
    peer: orNull(seen.peer),
    forwardedFor: seen.forwardedFor.map(printable),
    client: printable(seen.client),
    trustProxy: orNull(seen.trustProxy),
    environment: printable(seen.environment),
  };
}
