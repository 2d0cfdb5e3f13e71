import { element } from "../element.ts";
import type { Sentences } from "./sentences.ts";
import type { Source, Sources } from "./sources.ts";

/** The number of a source in the text of an answer. Text that is copied has it in brackets, as the model wrote it. */
export function createMark(source: Source, t: Sentences): HTMLElement {
  const { number, name } = source;
  const bracket = (text: string) => element("span", { className: "bracket" }, text);
  // A tooltip on the link itself would be read out as well.
  const content = element("span", { title: name }, bracket("["), `${number}`, bracket("]"));
  const ariaLabel = t.source.replace("%", `${number}`).replace("%", () => name);
  const props = { className: "mark", ariaLabel };
  // A name needs a role. As an image, it is read as a whole.
  return linkTo(source, props, content) ?? element("span", { ...props, role: "img" }, content);
}

/** What stands under an answer: the sources that it names. */
export function createSourceList(sources: Sources, t: Sentences): HTMLElement {
  const items = [...sources.values()].map((source) => {
    const name = element("span", { className: "name", dir: "auto" }, source.name);
    return element(
      "li",
      {},
      element("span", { className: "ordinal" }, `${source.number}`),
      linkTo(source, {}, name) ?? name,
    );
  });
  // Without its bullets, Safari takes a list for none unless it has the role.
  return element(
    "div",
    { className: "sources", hidden: items.length === 0 },
    element("div", {}, t.sources),
    element("ul", { role: "list" }, ...items),
  );
}

/** Undefined for a source that visitors cannot read. */
function linkTo(
  { url }: Source,
  props: Record<string, unknown>,
  content: Node,
): HTMLElement | undefined {
  if (url === undefined) return undefined;
  return element("a", { ...props, href: url, rel: "noopener", target: "_blank" }, content);
}
