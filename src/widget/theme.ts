import { cssColour, parseComputedColour, readableOn, type Rgb } from "./colour.ts";

/** The widget's own accent. */
const OWN_ACCENT: Rgb = [0.23, 0.36, 0.86];

/**
 * Sets the colours of the accent, and returns it. It is the widget's own where the text is not a colour.
 * @param root must be in the document already, because the browser computes the colour there
 * @param text any CSS colour that the browser knows
 */
export function paintAccent(root: HTMLElement, text: string | undefined): Rgb {
  const accent = readColour(root, text) ?? OWN_ACCENT;
  setColour(root, "--accent", accent);
  setColour(root, "--on-accent", readableOn(accent));
  return accent;
}

/** @param name of a variable of the style sheet */
export function setColour(root: HTMLElement, name: string, colour: Rgb): void {
  root.style.setProperty(name, cssColour(colour));
}

/** Undefined for text that is not a colour. */
export function readColour(root: HTMLElement, text: string | undefined): Rgb | undefined {
  const { style } = root;
  // A mix with nothing turns every notation into one with red, green and blue.
  style.color = `color-mix(in srgb, ${text} 100%, red)`;
  const colour = style.color && parseComputedColour(getComputedStyle(root).color);
  style.color = "";
  return colour || undefined;
}
