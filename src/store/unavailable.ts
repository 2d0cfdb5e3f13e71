/**
 * Thrown when the database could not be reached in time, or takes no work now. The caller may try again later.
 * Whether a write has happened is not known: it must be repeated with the same ids.
 */
export class StoreUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreUnavailableError";
  }
}
