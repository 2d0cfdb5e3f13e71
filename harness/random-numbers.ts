/**
 * Returns a generator of numbers from 0 to below 1, the same ones for a seed in every run: linear congruential, with the
 * constants of Numerical Recipes.
 * @param seed a whole number from 0 to below 2 ** 32
 */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
