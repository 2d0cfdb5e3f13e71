import type { Link } from "../../http/link.ts";
import type { ListMark } from "../../store/list-marks.ts";
import { type Html, html } from "../html.ts";
import { listPath } from "../list-path.ts";
import type { ListFields } from "../schema.ts";

/** A filter with one click: the fields that it sets. */
interface Chip {
  readonly name: string;
  readonly sets: Partial<ListFields>;
  /** The same fields without it. */
  readonly clears: Partial<ListFields>;
}

/**
 * The filters above the list. A later capability adds its own here.
 * @param today as YYYY-MM-DD
 */
function chipsFor(today: string): readonly Chip[] {
  return [
    markChip("Failed", "failed"),
    markChip("Stopped", "stopped"),
    markChip("Unanswered", "unanswered"),
    markChip("Rated down", "rated_down"),
    markChip("Wants a person", "wanted"),
    { name: "Today", sets: { from: today, to: "" }, clears: { from: "" } },
  ];
}

function markChip(name: string, mark: ListMark): Chip {
  return { name, sets: { mark }, clears: { mark: "" } };
}

/** Each adds its filter to what is searched for, or takes it away again. */
export function chips(link: Link, fields: ListFields, today: string): Html {
  return html`<nav class="chips" aria-label="Filters">
    ${chipsFor(today).map(({ name, sets, clears }) => {
      const isChosen = listPath({ ...fields, ...sets }) === listPath(fields);
      const next = { ...fields, ...(isChosen ? clears : sets), cursor: "" };
      return html`<a href="${link(listPath(next))}" ${isChosen && html`aria-current="true"`}
        >${name}</a
      >`;
    })}
  </nav>`;
}
