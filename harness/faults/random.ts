/** Pseudo-random numbers: the same seed gives the same numbers. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
}

/** Mulberry32: small, and good enough for choosing moments. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
  };
}

/** The seed of the run: FAULTS_SEED, which repeats a run, or else a new one. */
export function chooseSeed(): number {
  const wanted = Number(process.env.FAULTS_SEED);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 1 + Math.floor(Math.random() * 1e9);
}
