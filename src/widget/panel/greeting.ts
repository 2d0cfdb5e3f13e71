import { OPEN_NAME } from "../contract.ts";
import { recall, remember } from "../storage.ts";

/** The name in localStorage that says that the visitor was greeted. */
const GREETED_NAME = "chatporch:greeted";
/** A page that changes without loading is looked at again after that time. */
export const LOOK_AGAIN_MS = 1000;

/** Whether the visitor has been greeted before, or has opened or closed the chat in this tab. */
export function knowsChat(): boolean {
  const known = recall("sessionStorage", OPEN_NAME) ?? recall("localStorage", GREETED_NAME);
  return typeof known === "boolean";
}

export function rememberGreeting(): void {
  remember("localStorage", GREETED_NAME, true);
}

/** Whether the page has the path. @param pattern `/pricing*`, in which a star stands for any text; undefined: every path */
export function isGreeted(pattern = "*"): boolean {
  const source = pattern.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`).test(location.pathname);
}
