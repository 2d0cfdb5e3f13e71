/** Red, green and blue of sRGB, each from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** For text of any size (WCAG 2.2, success criterion 1.4.3). */
const MIN_CONTRAST = 4.5;

/** Black or white, whichever can be read on the background. White is preferred. */
export function readableOn(background: Rgb): Rgb {
  return contrast(WHITE, background) >= MIN_CONTRAST ? WHITE : BLACK;
}

/** The colour itself, or as little darker or lighter as it takes to be read on the background. */
export function legible(colour: Rgb, background: Rgb): Rgb {
  const target = readableOn(background);
  for (let share = 0; share < 1; share += 0.04) {
    const mixed = mix(colour, target, share);
    if (contrast(mixed, background) >= MIN_CONTRAST) return mixed;
  }
  return target;
}

/** From 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: Rgb, b: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (a: number, b: number) => Math.round(a + (b - a) * share);
  return [part(from[0], to[0]), part(from[1], to[1]), part(from[2], to[2])];
}

/**
 * Reads a computed colour: `rgb(1, 2, 3)`, or `color(srgb 0.1 0.2 0.3)` from a newer notation.
 * Undefined for anything else and for what cannot be seen.
 */
export function parseComputedColour(text: string): Rgb | undefined {
  const [red, green, blue, alpha = 1] = (text.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  if (red === undefined || green === undefined || blue === undefined || alpha === 0)
    return undefined;
  const scale = text.startsWith("color(srgb ") ? 255 : text.startsWith("rgb") ? 1 : 0;
  if (scale === 0) return undefined;
  const clamp = (value: number) => Math.round(Math.min(255, Math.max(0, value * scale)));
  return [clamp(red), clamp(green), clamp(blue)];
}

export function cssColour(colour: Rgb): string {
  return `rgb(${colour.join(" ")})`;
}
