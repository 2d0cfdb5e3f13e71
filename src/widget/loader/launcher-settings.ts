import { type Attributes, textsOf } from "../settings.ts";

/** Where the launcher stands: if the attribute does not say it, not where the lines of the page begin. */
export function sideOf(data: Attributes, isRightToLeft: boolean): "left" | "right" {
  const side = textsOf(data)("position")?.toLowerCase();
  return side === "left" || (isRightToLeft && side !== "right") ? "left" : "right";
}

/** A whole number of any size; browsers clamp it. Undefined: above everything on the page. */
export function zIndexOf(data: Attributes): string | undefined {
  return /^-?\d+$/.exec(textsOf(data)("zIndex") ?? "")?.[0];
}
