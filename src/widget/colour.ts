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
  const ratio = (luminance(a) + 0.05) / (luminance(b) + 0.05);
  return Math.max(ratio, 1 / ratio);
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
 * Reads a computed colour: `color(srgb 0.1 0.2 0.3)`, or `rgb(1, 2, 3)` from an older browser.
 * Undefined for anything else and for what cannot be seen.
 */
export function parseComputedColour(text: string): Rgb | undefined {
  const scale = /^color\(srgb /.test(text) ? 255 : /^rgb/.test(text) ? 1 : 0;
  const numbers = text.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number) ?? [];
  const [red = 0, green = 0, blue = 0, alpha = 1] = numbers;
  if (scale === 0 || alpha === 0 || numbers.length < 3) return undefined;
  const part = (value: number) => Math.round(Math.min(255, Math.max(0, value * scale)));
  return [part(red), part(green), part(blue)];
}

export function cssColour(colour: Rgb): string {
  return `rgb(${colour.join(" ")})`;
}
