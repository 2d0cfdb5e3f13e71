import type { PeopleSettings } from "../config/people.ts";
import type { Activity } from "../conversation/activity.ts";
import { isLeftToPerson, type Rating } from "../conversation/records.ts";
import { AppError, invalidRequest } from "../errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { RatingStore } from "../store/rating-store.ts";
import type { StoredTurn } from "../store/turn-store.ts";

export interface RatingsDeps {
  readonly config: { readonly people: PeopleSettings };
  readonly store: RatingStore;
  readonly metrics: Pick<Metrics, "ratings">;
  /** Publishes what has been stored. */
  readonly publish: (activity: Activity) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a visitor says of an answer, as it is sent. Null takes his rating back. */
export interface SentRating {
  readonly rating: Rating["value"] | null;
  readonly comment?: string | undefined;
  readonly reasons?: Rating["reasons"] | undefined;
}

/** What visitors think of answers. The last rating of an answer counts. */
export class Ratings {
  readonly #deps: RatingsDeps;

  constructor(deps: RatingsDeps) {
    this.#deps = deps;
  }

  /** @throws AppError ratings_off, unless the owner wants ratings */
  refuseIfOff(): void {
    if (!this.#deps.config.people.hasRatings) throw new AppError("ratings_off");
  }

  /**
   * Stores a rating of a turn that the caller may read.
   * @throws AppError ratings_off, invalid_request, turn_in_progress, not_found
   */
  async rate({ turnId, conversationId, answer }: StoredTurn, sent: SentRating): Promise<void> {
    this.refuseIfOff();
    const { store, metrics, publish, now } = this.#deps;
    const rating = ratingOf(sent, now());
    if (answer.status === "streaming") throw new AppError("turn_in_progress");
    // A question that was left to a person has no answer.
    if (isLeftToPerson(answer)) throw new AppError("not_found");
    if (!(await store.rateAnswer(turnId, rating))) throw new AppError("not_found");
    if (rating !== undefined && rating.value !== answer.rating?.value) {
      metrics.ratings.add(1, { rating: rating.value });
    }
    publish({ conversationId, kind: "rating" });
  }
}

/** @throws AppError invalid_request */
function ratingOf({ rating, comment, reasons }: SentRating, at: number): Rating | undefined {
  const words = comment?.trim() ?? "";
  if (rating !== "negative") {
    if (words !== "") throw onlyWithNegative("/comment");
    if (reasons !== undefined && reasons.length > 0) throw onlyWithNegative("/reasons");
  }
  if (rating === null) return undefined;
  const each = [...new Set(reasons)];
  return { value: rating, reasons: each, ...(words === "" ? {} : { comment: words }), at };
}

function onlyWithNegative(path: string): AppError {
  return invalidRequest(path, "comes only with a negative rating");
}
