import { cssColour, legible, parseComputedColour, readableOn, type Rgb } from "./colour.ts";
import type { Settings } from "./settings.ts";

const DEFAULT_ACCENT: Rgb = [0.23, 0.36, 0.86];
/** `--subtle` of the style sheet. Links stand on it, and on `--surface`, where the contrast is higher. */
const LIGHT_SUBTLE: Rgb = [0.95, 0.955, 0.96];
const DARK_SUBTLE: Rgb = [0.15, 0.16, 0.19];

/**
 * Sets the colours, now and whenever the visitor's scheme changes. False when the accent is not a colour.
 * @param root must be in the document already, because the browser computes the accent colour there
 */
export function followTheme(
  root: HTMLElement,
  { accentColor, theme }: Settings,
  signal: AbortSignal,
): boolean {
  const accent = accentColor ? readColour(accentColor, root) : undefined;
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () =>
    paint(root, accent, theme === "auto" ? darkScheme.matches : theme === "dark");
  darkScheme.addEventListener("change", repaint, { signal });
  repaint();
  return !accentColor || !!accent;
}

/** Sets the colours that depend on the accent, so that text stays readable with any accent. */
function paint(root: HTMLElement, accent: Rgb = DEFAULT_ACCENT, isDark: boolean): void {
  root.style.colorScheme = isDark ? "dark" : "light";
  const set = (name: string, colour: Rgb) => root.style.setProperty(name, cssColour(colour));
  set("--accent", accent);
  set("--on-accent", readableOn(accent));
  set("--link", legible(accent, isDark ? DARK_SUBTLE : LIGHT_SUBTLE));
}

/** Reads any CSS colour that the browser knows; undefined for other text. */
function readColour(value: string, root: HTMLElement): Rgb | undefined {
  const { style } = root;
  // A mix with nothing turns every notation into one with red, green and blue.
  style.color = `color-mix(in srgb, ${value} 100%, red)`;
  const colour = style.color && parseComputedColour(getComputedStyle(root).color);
  style.color = "";
  return colour || undefined;
}
