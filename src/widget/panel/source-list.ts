import { element } from "../element.ts";
import { addStyles } from "../style-sheet.ts";
import { linkTo } from "./source-link.ts";
import type { Sources } from "./sources.ts";
import { SOURCES } from "./styles/sources.ts";

/**
 * What shows the sources of answers: a file of its own beside the panel, which loads it when an answer has some. Like the
 * extras, it may be of another version than the panel.
 */

/** Those that have the styles. */
const styled = new WeakSet<Node>();

/**
 * Lists what an answer names.
 * @param name of the list
 * @param message the element of the answer, whose marks get their style, too
 * @param place gets the list; undefined while the answer is being written
 */
export function listSources(
  sources: Sources,
  name: string,
  message: HTMLElement,
  place: HTMLElement | undefined,
): void {
  const shadow = message.getRootNode();
  if (shadow instanceof ShadowRoot && !styled.has(shadow)) {
    styled.add(shadow);
    addStyles(shadow, SOURCES);
  }
  const items = [...sources.values()].map((source) => {
    const title = element("span", { className: "name", dir: "auto" }, source.name);
    return element(
      "li",
      {},
      element("span", { className: "ordinal" }, `${source.number}`),
      linkTo(source, {}, title) ?? title,
    );
  });
  // Without its bullets, Safari takes a list for none unless it has the role.
  const list = element("ul", { role: "list" }, ...items);
  place?.replaceChildren(element("div", { className: "sources" }, element("div", {}, name), list));
}
