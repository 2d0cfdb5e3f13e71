import { legible, type Rgb } from "../colour.ts";
import type { Settings } from "../settings.ts";
import { paintAccent, readColour, setColour } from "../theme.ts";

/** `--subtle` of the style sheet. Links stand on it, and on `--surface`, where the contrast is higher. */
const LIGHT_SUBTLE: Rgb = [0.95, 0.955, 0.96];
const DARK_SUBTLE: Rgb = [0.15, 0.16, 0.19];

/**
 * Sets the colours, now and whenever the visitor's scheme changes. False when the accent is not a colour.
 * @param root must be in the document already
 */
export function followTheme(
  root: HTMLElement,
  { accentColor, scheme }: Settings,
  signal: AbortSignal,
): boolean {
  const accent = paintAccent(root, accentColor);
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () => {
    const isDark = scheme ? scheme === "dark" : darkScheme.matches;
    root.style.colorScheme = isDark ? "dark" : "light";
    setColour(root, "--link", legible(accent, isDark ? DARK_SUBTLE : LIGHT_SUBTLE));
  };
  darkScheme.addEventListener("change", repaint, { signal });
  repaint();
  return !accentColor || !!readColour(root, accentColor);
}
