/** Red, green and blue of sRGB, each from 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [1, 1, 1];
const BLACK: Rgb = [0, 0, 0];
/** Enough for text of any size (WCAG 2.2, success criterion 1.4.3). */
const MIN_CONTRAST = 4.5;
/** That of white. */
const MAX_LUMINANCE = 1.05;

/** Black or white, whichever is readable on the background. White is preferred. */
export function readableOn(background: Rgb): Rgb {
  return luminance(background) > MAX_LUMINANCE / MIN_CONTRAST ? BLACK : WHITE;
}

/** The colour, made darker or lighter only as far as needed to be readable on the background. */
export function legible(colour: Rgb, background: Rgb): Rgb {
  const target = readableOn(background);
  let [red, green, blue] = colour;
  while (contrast([red, green, blue], background) < MIN_CONTRAST) {
    red += (target[0] - red) / 9;
    green += (target[1] - green) / 9;
    blue += (target[2] - blue) / 9;
  }
  return [red, green, blue];
}

/** From 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: Rgb, b: Rgb): number {
  const ratio = luminance(a) / luminance(b);
  return Math.max(ratio, 1 / ratio);
}

/** Relative luminance, plus the 0.05 that the formula for contrast adds to it. */
function luminance(colour: Rgb): number {
  const linear = (part: number) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const [red, green, blue] = colour;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue) + 0.05;
}

/**
 * Reads a computed colour of the form `color(srgb 0.1 0.2 0.3)` or `rgb(26, 51, 77)`. Undefined for anything else and for
 * a fully transparent colour.
 */
export function parseComputedColour(text: string): Rgb | undefined {
  const [form] = /^rgb|^color\(srgb /.exec(text) ?? [];
  if (!form) return undefined;
  const max = form === "rgb" ? 255 : 1;
  const [red = 0, green = 0, blue = 0, alpha = 1] =
    text.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number) ?? [];
  const part = (value: number) => Math.min(1, Math.max(0, value / max));
  return alpha ? [part(red), part(green), part(blue)] : undefined;
}

export function cssColour(colour: Rgb): string {
  return `rgb(${colour.map((part) => `${part * 100}%`).join(" ")})`;
}
