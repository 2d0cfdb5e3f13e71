import { OPEN_NAME } from "../contract.ts";
import { recall, remember } from "../storage.ts";

/** The name in localStorage that says that the visitor was greeted. */
const GREETED_NAME = "chatporch:greeted";
/** A page that changes without loading is looked at again after that time. */
const LOOK_AGAIN_MS = 1000;

/** Whether the visitor has been greeted before, or has opened or closed the chat in this tab. */
function knowsChat(): boolean {
  const known = recall("sessionStorage", OPEN_NAME) ?? recall("localStorage", GREETED_NAME);
  return typeof known === "boolean";
}

const never = () => new Promise<void>(() => {});

/** Whether the page has the path. @param pattern `/pricing*`, in which a star stands for any text; undefined: every path */
function isGreeted(pattern = "*"): boolean {
  const source = pattern.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}$`).test(location.pathname);
}

/**
 * Resolves once the visitor, who has not used the chat, can see a page that is to have the greeting. Never for others.
 * @param root is out of sight while the widget is hidden
 * @param pattern the page's at that moment
 */
export async function awaitGreeting(
  root: HTMLElement,
  signal: AbortSignal,
  pattern: () => string | undefined,
): Promise<void> {
  const isThere = () =>
    !document.hidden && root.getClientRects().length > 0 && isGreeted(pattern());
  for (;;) {
    if (signal.aborted || knowsChat()) return never();
    if (isThere()) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  remember("localStorage", GREETED_NAME, true);
  // Where nothing can be stored, the visitor would be greeted on every page, and over a chat that is open.
  if (!knowsChat()) await never();
}
