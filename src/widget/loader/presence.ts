import type { Loader } from "./loader.ts";

type Tag = HTMLScriptElement;

/**
 * Keeps the widget on the page for as long as there is a script tag for it. Turbo, htmx and the like replace the body or
 * the whole document, in which the tag then stands once more.
 * @param script undefined when the tag is not known: then the widget stays until its element is removed
 * @param otherTagFor finds a tag that takes the place of one that was removed
 * @param onEnd called once, when the widget has to go
 */
export function keepOnPage(
  { host, attach, become }: Loader,
  script: Tag | undefined,
  otherTagFor: (script: Tag) => Tag | undefined,
  onEnd: () => void,
): void {
  let tag = script;
  let page = document.documentElement;
  const observer = new MutationObserver(look);

  function look(): void {
    const next = tag && !tag.isConnected ? otherTagFor(tag) : tag;
    const isRemoved = !host.isConnected && page === document.documentElement;
    observer.disconnect();
    if (isRemoved || (tag && !next)) onEnd();
    else {
      if (tag && next && settingsOf(tag) !== settingsOf(next)) become({ ...next.dataset });
      tag = next;
      if (tag) tag.isChatporch = true;
      if (!host.isConnected) attach();
      watch();
    }
  }

  /** Whatever the page removes, the parent of the removed element is above the tag or above the widget. */
  function watch(): void {
    page = document.documentElement;
    for (const start of [host, tag]) {
      for (let node = start?.parentNode; node; node = node.parentNode) {
        observer.observe(node, { childList: true });
      }
    }
  }

  // A page may have removed the tag before its script ran, as React does in strict mode.
  look();
}

/** Astro marks a script that has already run on an earlier page. */
function settingsOf({ dataset }: Tag): string {
  return JSON.stringify({ ...dataset, astroExec: undefined });
}
