import { element } from "../element.ts";
import type { Source } from "./sources.ts";

/** Undefined for a source that visitors cannot read. */
export function linkTo(
  { url }: Source,
  props: Record<string, unknown>,
  content: Node,
): HTMLElement | undefined {
  if (url === undefined) return undefined;
  return element("a", { ...props, href: url, rel: "noopener", target: "_blank" }, content);
}
