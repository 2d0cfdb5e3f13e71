import { element } from "../element.ts";
import type { Sentences } from "./sentences.ts";
import { linkTo } from "./source-link.ts";
import type { Source } from "./sources.ts";

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
