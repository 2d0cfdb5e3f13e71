/** Steps that are easy to count in. */
const STEPS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80];
const LINES = 3;

export interface Scale {
  /** The values of the lines above zero, the lowest first. */
  readonly lines: readonly number[];
  /** The value at the upper edge. */
  readonly top: number;
}

/**
 * A scale with three lines for values up to `highest`.
 * @param unit the smallest step: 1 for counts
 * @param limit the highest value that there can be: a scale that would exceed it has two lines
 */
export function scaleFor(highest: number, unit = 1, limit = Number.POSITIVE_INFINITY): Scale {
  const step = stepFor(highest / unit / LINES) * unit;
  const top = step * LINES;
  if (top > limit) return { lines: [limit / 2, limit], top: limit };
  return { lines: [step, step * 2, top], top };
}

/** The smallest round step that is not below the given one. */
function stepFor(least: number): number {
  for (let power = 1; ; power *= 10) {
    const step = STEPS.find((each) => each * power >= least);
    if (step !== undefined) return step * power;
  }
}
