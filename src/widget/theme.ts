import { cssColour, legible, parseComputedColour, readableOn, type Rgb } from "./colour.ts";

const DEFAULT_ACCENT: Rgb = [0.23, 0.36, 0.86];
/** `--subtle` of the style sheet: links stand on it, and on `--surface`, which contrasts more. */
const LIGHT_SUBTLE: Rgb = [0.95, 0.955, 0.96];
const DARK_SUBTLE: Rgb = [0.15, 0.16, 0.19];

/** Sets the colours that depend on the accent. Whatever it is, what stands on it can be read. */
export function paint(root: HTMLElement, accent: Rgb = DEFAULT_ACCENT, isDark: boolean): void {
  root.style.colorScheme = isDark ? "dark" : "light";
  const set = (name: string, colour: Rgb) => root.style.setProperty(name, cssColour(colour));
  set("--accent", accent);
  set("--on-accent", readableOn(accent));
  set("--link", legible(accent, isDark ? DARK_SUBTLE : LIGHT_SUBTLE));
}

/** Any CSS colour as the browser understands it; undefined when it does not. */
export function readColour(value: string, root: HTMLElement): Rgb | undefined {
  const { style } = root;
  // Mixed with nothing, every notation becomes one that says red, green and blue.
  style.color = `color-mix(in srgb, ${value} 100%, red)`;
  const colour = style.color && parseComputedColour(getComputedStyle(root).color);
  style.color = "";
  return colour || undefined;
}
