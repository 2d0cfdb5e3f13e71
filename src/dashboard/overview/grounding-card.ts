import { type Grounding, GROUNDINGS } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import type { DailyFigures } from "../../store/store.ts";
import { formatNumber, formatShare } from "../formats.ts";
import { type Content, html } from "../html.ts";

const WORDS: Readonly<Record<Grounding, string>> = {
  cited: "named a source",
  uncited: "had sources but named none",
  none: "not on your pages",
  unsourced: "nothing on your pages fitted",
};

/** How many answers stand on the owner's pages, drawn. Nothing while no answer was given sources. */
export function groundingCard(
  link: Link,
  days: readonly Pick<DailyFigures, "groundings">[],
): Content {
  const counts = GROUNDINGS.map((grounding) => ({
    grounding,
    count: days.reduce((sum, { groundings }) => sum + groundings[grounding], 0),
  }));
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return undefined;
  const [cited] = counts;
  let x = 0;
  return html`<section class="card groundings">
    <h2>Answers from your pages</h2>
    <p class="headline">
      ${formatShare((cited?.count ?? 0) / all)} <small>of these answers name a source</small>
    </p>
    <svg
      class="share stacked"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      ${counts.map(({ grounding, count }) => {
        const width = (100 * count) / all;
        const bar = html`<rect class="${grounding}" x="${x}" width="${width}" height="6" />`;
        x += width;
        return bar;
      })}
    </svg>
    <ul class="legend">
      ${counts.map(
        ({ grounding, count }) =>
          html`<li class="${grounding}">${formatNumber(count)} ${WORDS[grounding]}</li>`,
      )}
    </ul>
    <p>
      <a href="${link("/dashboard/knowledge/questions")}"
        >Questions that your pages do not answer</a
      >
    </p>
  </section>`;
}
