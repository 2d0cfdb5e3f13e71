import fc from "fast-check";

/**
 * Where the generators of every property begin: the same in each run, so that what CI says of a commit
 * it says again. FUZZ_SEED begins elsewhere, to look further: FUZZ_SEED=$RANDOM bun run test.
 */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_125);
if (!Number.isSafeInteger(seed)) throw new Error("FUZZ_SEED is a whole number.");

fc.configureGlobal({ seed });
