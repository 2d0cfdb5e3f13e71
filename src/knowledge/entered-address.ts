import { readWebAddress } from "../crawl/web-address.ts";
import { isLoopback } from "../net/loopback.ts";
import { RefusedEntryError } from "./refused-entry.ts";

/**
 * The address of a website or page as the owner types or pastes it, in the form in which it is stored. Without a
 * scheme, it is https. Whether the server may open it, only the addresses of its host say.
 * @param field the name of the field for the error
 * @throws RefusedEntryError
 */
export function readEnteredAddress(field: string, typed: string): URL {
  const text = typed.trim();
  if (text === "") throw new RefusedEntryError(field, "The address is missing.");
  const { url, refusal } = readWebAddress(hasScheme(text) ? text : withScheme(text));
  if (url === undefined) throw new RefusedEntryError(field, refusal);
  return url;
}

/** `localhost:8080` has a port, and no scheme. */
function hasScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(text);
}

function withScheme(text: string): string {
  const host = URL.parse(`http://${text}`)?.hostname;
  return `${host !== undefined && isLoopback(host) ? "http" : "https"}://${text}`;
}
