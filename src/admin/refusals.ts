import { AppError, invalidRequest } from "../errors.ts";
import { RefusedEntryError } from "../knowledge/refused-entry.ts";

/** What becomes an error of the request, in the handlers of what the owner has entered. */

/** @throws AppError not_found */
export function orNotFound<T>(found: T | undefined): T {
  if (found === undefined) throw new AppError("not_found");
  return found;
}

/**
 * What cannot be used is an invalid request, with the sentence for the owner.
 * @throws AppError invalid_request
 */
export async function orInvalid<T>(entering: Promise<T>): Promise<T> {
  try {
    return await entering;
  } catch (error) {
    if (!(error instanceof RefusedEntryError)) throw error;
    throw invalidRequest(`/${error.field}`, error.message);
  }
}
