import { cssColour, legible, parseComputedColour, readableOn, type Rgb } from "./colour.ts";
import type { Settings } from "./settings.ts";

const DEFAULT_ACCENT: Rgb = [0.23, 0.36, 0.86];
/** `--subtle` of the style sheet: links stand on it, and on `--surface`, which contrasts more. */
const LIGHT_SUBTLE: Rgb = [0.95, 0.955, 0.96];
const DARK_SUBTLE: Rgb = [0.15, 0.16, 0.19];

interface ThemeOptions extends Pick<Settings, "accentColor" | "theme"> {
  /** In the document already: the browser computes the accent there. */
  readonly root: HTMLElement;
  readonly signal: AbortSignal;
}

/** Paints, and paints again when the visitor's scheme changes. False where the accent is no colour. */
export function followTheme({ root, accentColor, theme, signal }: ThemeOptions): boolean {
  const accent = accentColor ? readColour(accentColor, root) : undefined;
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () =>
    paint(root, accent, theme === "auto" ? darkScheme.matches : theme === "dark");
  darkScheme.addEventListener("change", repaint, { signal });
  repaint();
  return !accentColor || !!accent;
}

/** Sets the colours that depend on the accent. Whatever it is, what stands on it can be read. */
function paint(root: HTMLElement, accent: Rgb = DEFAULT_ACCENT, isDark: boolean): void {
  root.style.colorScheme = isDark ? "dark" : "light";
  const set = (name: string, colour: Rgb) => root.style.setProperty(name, cssColour(colour));
  set("--accent", accent);
  set("--on-accent", readableOn(accent));
  set("--link", legible(accent, isDark ? DARK_SUBTLE : LIGHT_SUBTLE));
}

/** Any CSS colour as the browser understands it; undefined when it does not. */
function readColour(value: string, root: HTMLElement): Rgb | undefined {
  const { style } = root;
  // Mixed with nothing, every notation becomes one that says red, green and blue.
  style.color = `color-mix(in srgb, ${value} 100%, red)`;
  const colour = style.color && parseComputedColour(getComputedStyle(root).color);
  style.color = "";
  return colour || undefined;
}
