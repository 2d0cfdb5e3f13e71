import type { Link } from "../../http/link.ts";
import { type Html, html } from "../html.ts";
import { isFiltered, listPath } from "../list-path.ts";
import type { ListFields, ListProblems } from "../schema.ts";
import { intervalOf, isDate, periodName, periodsFor } from "./periods.ts";

/**
 * One field for words. The dates are folded away until somebody needs them.
 * @param today as YYYY-MM-DD
 */
export function searchForm(
  link: Link,
  fields: ListFields,
  problems: ListProblems,
  today: string,
): Html {
  const { q, from, to, mark } = fields;
  const hasDateProblem = problems.from !== undefined || problems.to !== undefined;
  return html`<form method="get" action="${link(listPath())}" role="search" class="finder">
    ${field({ name: "q", label: "Search", type: "search", value: q, problem: problems.q })}
    <button class="primary">Search</button>
    <details class="dates" id="dates" ${hasDateProblem && "open"}>
      <summary>${hasDateProblem ? "Any time" : periodName({ from, to }, today)}</summary>
      <p class="chips">${periodButtons(fields, today)}</p>
      <div class="days">
        ${field({ name: "from", label: "From", type: "date", value: from, problem: problems.from })}
        ${field({ name: "to", label: "To", type: "date", value: to, problem: problems.to })}
        <button>Show these days</button>
      </div>
    </details>
    ${mark !== "" && html`<input type="hidden" name="mark" value="${mark}" />`}
    ${isFiltered(fields) && html`<a class="clear" href="${link(listPath())}">Clear</a>`}
    ${
      problems.cursor !== undefined &&
      html`<p class="problem" role="alert">
        This address ${problems.cursor}. <a href="${link(listPath())}">Show the newest</a>
      </p>`
    }
    ${
      problems.mark !== undefined &&
      html`<p class="problem" role="alert">
        ${problems.mark} <a href="${link(listPath())}">Show all</a>
      </p>`
    }
  </form>`;
}

/** They are buttons of the form, so that the words that were typed are searched for, too. */
function periodButtons({ from, to }: ListFields, today: string): readonly Html[] {
  return periodsFor(today).map((period) => {
    const isChosen = period.from === from && period.to === to;
    return html`<button
      name="period"
      value="${intervalOf(period)}"
      ${isChosen && html`aria-current="true"`}
    >
      ${period.name}
    </button>`;
  });
}

/** More than a search may have, so that a long text is refused in words; less than what makes an address too long to be sent. */
const MAX_TYPED_LENGTH = 1000;

interface Field {
  readonly name: "q" | "from" | "to";
  readonly label: string;
  readonly type: "search" | "date";
  readonly value: string;
  readonly problem: string | undefined;
}

function field({ name, label, type, value, problem }: Field): Html {
  // A date field cannot show a value that is not a date, so a text field shows what was typed.
  const isShown = type !== "date" || value === "" || isDate(value);
  const shown = isShown && problem === undefined ? type : "text";
  const isSearch = name === "q";
  return html`<label class="${name}">
    <span class="${isSearch && "unseen"}">${label}</span>
    <input
      type="${shown}"
      name="${name}"
      value="${value}"
      ${isSearch && html`placeholder="Search all messages" maxlength="${MAX_TYPED_LENGTH}" aria-keyshortcuts="/"`}
      ${problem !== undefined && html`aria-invalid="true" aria-describedby="problem-${name}"`}
    />
    ${
      problem !== undefined &&
      html`<span class="problem" id="problem-${name}" role="alert">${problem}</span>`
    }
  </label>`;
}
