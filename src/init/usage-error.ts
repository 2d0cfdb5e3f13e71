/** Thrown for wrong or missing options. The message says what to give, and never repeats a secret. */
export class InitUsageError extends Error {
  override readonly name = "InitUsageError";
}
