import type { Link } from "../../http/link.ts";
import type { DailyFigures } from "../../store/store.ts";
import { formatCount, formatShare } from "../formats.ts";
import { type Content, html } from "../html.ts";
import { listPath } from "../list-path.ts";
import { stackedBar } from "./stacked-bar.ts";

/** What visitors think of the answers, drawn. Nothing while no answer is rated. */
export function ratingsCard(link: Link, days: readonly Pick<DailyFigures, "ratings">[]): Content {
  const positive = days.reduce((sum, { ratings }) => sum + ratings.positive, 0);
  const negative = days.reduce((sum, { ratings }) => sum + ratings.negative, 0);
  const all = positive + negative;
  if (all === 0) return undefined;
  return html`<section class="card groundings" id="ratings">
    <h2>Ratings</h2>
    <p class="headline">
      ${formatShare(positive / all)} <small>good, of ${formatCount(all, "rating")}</small>
    </p>
    ${stackedBar([
      { colour: "cited", count: positive, words: "rated good" },
      { colour: "none", count: negative, words: "rated down" },
    ])}
    <p>
      <a href="${link(listPath({ mark: "rated_down" }))}">Conversations that were rated down</a>
    </p>
  </section>`;
}
