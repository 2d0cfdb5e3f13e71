import {
  contrast,
  cssColour,
  legible,
  parseComputedColour,
  readableOn,
  type Rgb,
} from "../colour.ts";
import type { PanelSettings } from "./panel-settings.ts";

/** The widget's own accent: `--accent` where the loader's style sheet has none. */
const OWN_ACCENT: Rgb = [0.059, 0.463, 0.431];
/** `--surface` and `--subtle` of the style sheet. Links stand on both, and have less contrast on the second. */
const LIGHT = { surface: [1, 1, 1], subtle: [0.95, 0.955, 0.96] } as const;
const DARK = { surface: [0.094, 0.102, 0.122], subtle: [0.15, 0.16, 0.19] } as const;
/** An area in the accent that differs less from the panel gets a line round it. */
const MIN_EDGE_CONTRAST = 1.3;

/**
 * Sets the colours, now and whenever the scheme of the page or the visitor changes. False when the accent is not a colour.
 * @param root must be in the document already, because the browser computes the colour there
 */
export function followTheme(
  root: HTMLElement,
  accentColor: string | undefined,
  { scheme }: PanelSettings,
  signal: AbortSignal,
): boolean {
  /** The text of the accent, of which a page may also have a variable. */
  let text: string | undefined;
  let own: Rgb | undefined;
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const repaint = () => {
    const wanted =
      accentColor ?? getComputedStyle(root).getPropertyValue("--chatporch-accent").trim();
    if (text !== wanted) own = readColour(root, wanted);
    text = wanted;
    const accent = own ?? OWN_ACCENT;
    const isDark = (scheme ?? pageScheme() ?? (darkScheme.matches ? "dark" : "light")) === "dark";
    const { surface, subtle } = isDark ? DARK : LIGHT;
    root.classList.toggle("dark", isDark);
    setColour(root, "--link", legible(accent, subtle));
    root.classList.toggle("edged", contrast(accent, surface) < MIN_EDGE_CONTRAST);
    setColour(root, "--accent", accent);
    setColour(root, "--on-accent", readableOn(accent));
  };
  darkScheme.addEventListener("change", repaint, { signal });
  // Pages change their scheme and their variables with a class or a style of the root element.
  const observer = new MutationObserver(repaint);
  observer.observe(document.documentElement, { attributes: true });
  signal.addEventListener("abort", () => observer.disconnect());
  repaint();
  return !text || !!own;
}

/** The only scheme that the page says it has; undefined when it says none or both. */
function pageScheme(): "light" | "dark" | undefined {
  const stated = getComputedStyle(document.documentElement).colorScheme;
  const meta = document.querySelector<HTMLMetaElement>("meta[name=color-scheme]")?.content;
  const schemes = stated === "normal" ? (meta ?? "") : stated;
  const isDark = /dark/.test(schemes);
  if (/light/.test(schemes) === isDark) return undefined;
  return isDark ? "dark" : "light";
}

/** @param name of a variable of the style sheet */
function setColour(root: HTMLElement, name: string, colour: Rgb): void {
  root.style.setProperty(name, cssColour(colour));
}

/** Undefined for text that is not a colour. */
function readColour(root: HTMLElement, text: string | undefined): Rgb | undefined {
  const { style } = root;
  // A mix with nothing turns every notation into one with red, green and blue.
  const canMix = CSS.supports("color", "color-mix(in srgb, red, red)");
  const isColour = CSS.supports("background", `linear-gradient(${text}, red)`);
  style.color = canMix ? `color-mix(in srgb, ${text} 100%, red)` : isColour ? `${text}` : "";
  const computed = style.color && getComputedStyle(root).color;
  style.color = "";
  // Without a value for its variables, a mix is not computed.
  const isComputed = computed && canMix === computed.startsWith("color(");
  return isComputed ? parseComputedColour(computed) : undefined;
}
