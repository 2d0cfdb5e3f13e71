import { cssColour, legible, parseComputedColour, readableOn, type Rgb } from "./colour.ts";

const DEFAULT_ACCENT: Rgb = [59, 91, 219];

interface Palette {
  readonly surface: Rgb;
  readonly subtle: Rgb;
  readonly plain: Readonly<Record<string, string>>;
}

/** Text and muted text keep a contrast of 4.5 on surface and subtle. */
const LIGHT: Palette = {
  surface: [255, 255, 255],
  subtle: [243, 244, 246],
  plain: {
    text: "#181b20",
    muted: "#59616e",
    line: "#e2e5ea",
    edge: "#868e9b",
    code: "#e6e8ec",
    warn: "#fdf1d8",
    "on-warn": "#5f4300",
  },
};
const DARK: Palette = {
  surface: [24, 26, 31],
  subtle: [37, 40, 47],
  plain: {
    text: "#eceef2",
    muted: "#a4acb9",
    line: "#343942",
    edge: "#737c8a",
    code: "#16181d",
    warn: "#3b3018",
    "on-warn": "#f6dfa4",
  },
};

/** Sets every colour that the style sheet uses. Whatever the accent, what stands on it can be read. */
export function paint(root: HTMLElement, accent: Rgb | undefined, isDark: boolean): void {
  const { surface, subtle, plain } = isDark ? DARK : LIGHT;
  const filled = accent ?? DEFAULT_ACCENT;
  const colours: Record<string, string> = {
    ...plain,
    surface: cssColour(surface),
    subtle: cssColour(subtle),
    accent: cssColour(filled),
    "on-accent": cssColour(readableOn(filled)),
    // Links stand on the subtle grey too, the darker of the two in light and the lighter in dark.
    link: cssColour(legible(filled, subtle)),
  };
  for (const [name, value] of Object.entries(colours)) root.style.setProperty(`--${name}`, value);
  root.style.colorScheme = isDark ? "dark" : "light";
}

/** Any CSS colour as the browser understands it; undefined when it does not. */
export function readColour(value: string, root: HTMLElement): Rgb | undefined {
  if (!CSS.supports("color", value) || /var\(|^(?:inherit|initial|unset|revert)/i.test(value)) {
    return undefined;
  }
  const probe = document.createElement("i");
  root.append(probe);
  // Mixed with nothing, every notation becomes one that says red, green and blue.
  probe.style.color = value;
  probe.style.color = `color-mix(in srgb, ${value} 100%, white)`;
  const colour = parseComputedColour(getComputedStyle(probe).color);
  probe.remove();
  return colour;
}
