import { RATINGS, type RatingValue } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import type { DailyFigures } from "../../store/store.ts";
import { formatCount, formatNumber, formatShare } from "../formats.ts";
import { type Content, html } from "../html.ts";
import { listPath } from "../list-path.ts";

const WORDS: Readonly<Record<RatingValue, string>> = {
  positive: "rated good",
  negative: "rated down",
};

/** What visitors think of the answers, drawn. Nothing while no answer is rated. */
export function ratingsCard(link: Link, days: readonly Pick<DailyFigures, "ratings">[]): Content {
  const counts = RATINGS.map((rating) => ({
    rating,
    count: days.reduce((sum, { ratings }) => sum + ratings[rating], 0),
  }));
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return undefined;
  const positive = counts[0]?.count ?? 0;
  const width = (100 * positive) / all;
  return html`<section class="card groundings" id="ratings">
    <h2>Ratings</h2>
    <p class="headline">
      ${formatShare(positive / all)} <small>good, of ${formatCount(all, "rating")}</small>
    </p>
    <svg
      class="share stacked"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="cited" x="0" width="${width}" height="6" />
      <rect class="none" x="${width}" width="${100 - width}" height="6" />
    </svg>
    <ul class="legend">
      ${counts.map(
        ({ rating, count }) =>
          html`<li class="${rating === "positive" ? "cited" : "none"}">
            ${formatNumber(count)} ${WORDS[rating]}
          </li>`,
      )}
    </ul>
    <p>
      <a href="${link(listPath({ mark: "rated_down" }))}">Conversations that were rated down</a>
    </p>
  </section>`;
}
