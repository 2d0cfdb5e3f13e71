type Child = Node | string;
type Props = Record<string, unknown>;

/**
 * Makes an HTML element with the given properties. Strings become text nodes, never HTML. Roles and the properties of
 * ARIA are set as attributes, as which every browser knows them.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  const target = made as unknown as Props;
  for (const [name, value] of Object.entries(props)) {
    if (/^aria|^role$/.test(name)) setAria(made, name, value);
    else target[name] = value;
  }
  made.append(...children);
  return made;
}

/** @param name of the property: `ariaLabel` */
export function setAria(node: Element, name: string, value: unknown): void {
  node.setAttribute(name.replace("aria", "aria-").toLowerCase(), `${value}`);
}

const SVG = "http://www.w3.org/2000/svg";

/** A line icon on a grid of 24, hidden from assistive technology: its button has the name. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  setAria(svg, "ariaHidden", true);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** A button that shows an icon, outside of forms. Its title is also its accessible name. */
export function iconButton(className: string, title: string, path: string): HTMLButtonElement {
  return element("button", { className, title }, icon(path));
}

export const CHAT_ICON = "M20 11.5a8 8 0 0 1-11.5 7.1L4 20l1.4-4.5A8 8 0 1 1 20 11.5Z";
export const CLOSE_ICON = "M6 6l12 12M18 6 6 18";
export const SEND_ICON = "M12 19V5M6 11l6-6 6 6";
export const STOP_ICON = "M7.5 7.5h9v9h-9ZM9 9h6v6H9ZM10.5 10.5h3v3h-3ZM12 12h.01";
export const NEXT_ICON = "m9 6 6 6-6 6";
export const MORE_ICON = "M5 12h.01M12 12h.01M19 12h.01";
export const AGAIN_ICON = "M20 11a8 8 0 1 0-2.3 6.5M20 4v7h-7";
export const WRAP_ICON = "M4 6h16M4 18h4M4 12h13a3 3 0 0 1 0 6h-5m3-3-3 3 3 3";
export const COPY_ICON = "M9 9h11v11H9ZM5 15H4V4h11v1";
export const END_ICON = "M12 5v14M6 13l6 6 6-6";
export const EXPAND_ICON = "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7";
export const DONE_ICON = "m5 12.5 5 5 9-10";
