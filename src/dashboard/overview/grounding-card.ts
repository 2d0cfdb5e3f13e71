import { type Grounding, GROUNDINGS } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import type { DailyFigures } from "../../store/store.ts";
import { formatShare } from "../formats.ts";
import { type Content, html } from "../html.ts";
import { stackedBar } from "./stacked-bar.ts";

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
  const parts = GROUNDINGS.map((grounding) => ({
    colour: grounding,
    words: WORDS[grounding],
    count: days.reduce((sum, { groundings }) => sum + groundings[grounding], 0),
  }));
  const all = parts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return undefined;
  const [cited] = parts;
  return html`<section class="card groundings">
    <h2>Answers from your pages</h2>
    <p class="headline">
      ${formatShare((cited?.count ?? 0) / all)} <small>of these answers name a source</small>
    </p>
    ${stackedBar(parts)}
    <p>
      <a href="${link("/dashboard/knowledge/questions")}"
        >Questions that your pages do not answer</a
      >
    </p>
  </section>`;
}
