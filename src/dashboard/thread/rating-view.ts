import type { Message, Rating, RatingReason } from "../../conversation/records.ts";
import { type Html, html } from "../html.ts";

const REASONS: Readonly<Record<RatingReason, string>> = {
  wrong: "wrong",
  incomplete: "incomplete",
  off_topic: "off topic",
  other: "something else",
};

/** Whether the visitor found the answer good. */
export function ratingBadge({ rating }: Pick<Message, "rating">): Html | undefined {
  if (rating === undefined) return undefined;
  return html`<span class="badge ${rating.value}"
    >${rating.value === "positive" ? "rated good" : "rated down"}</span
  >`;
}

/** What the visitor says of an answer that he has rated down. */
export function ratingView({ rating }: Pick<Message, "rating">): Html | undefined {
  if (rating === undefined || !hasWords(rating)) return undefined;
  const { reasons, comment } = rating;
  return html`<div class="rating">
    ${reasons.length > 0 && html`<p>${reasons.map((reason) => REASONS[reason]).join(", ")}</p>`}
    ${comment !== undefined && html`<p class="comment" dir="auto">${comment}</p>`}
  </div>`;
}

function hasWords({ reasons, comment }: Rating): boolean {
  return reasons.length > 0 || comment !== undefined;
}
