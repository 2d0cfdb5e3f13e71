import { element } from "../element.ts";
import { createMenu, type MenuItem } from "./menu.ts";
import type { Sentences } from "./sentences.ts";

interface Head {
  readonly node: HTMLElement;
  render(): void;
}

/** The top of the panel: its heading, and a menu. */
export function createHead(
  t: Sentences,
  heading: HTMLElement,
  items: () => readonly MenuItem[],
): Head {
  const menu = createMenu(t.menu, items);
  return {
    node: element("div", { className: "head" }, heading, menu.node),
    render: menu.render,
  };
}
