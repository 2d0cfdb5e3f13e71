import type { Rating } from "../conversation/records.ts";

/** What visitors think of answers. It is read with the messages, and erased with them. */
export interface RatingStore {
  /**
   * Stores a rating in place of the one before; undefined takes it back. Returns false, and changes nothing, when there
   * is no such answer or it is still under way.
   */
  rateAnswer(turnId: string, rating: Rating | undefined): Promise<boolean>;
}
