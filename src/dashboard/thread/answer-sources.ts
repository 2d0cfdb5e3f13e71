import type { AnswerSource, Message } from "../../conversation/records.ts";
import { formatCount } from "../formats.ts";
import { type Html, html } from "../html.ts";

/** Where the page shows a source of the answer that is shown at an anchor. */
export function sourceAnchor(anchor: string, number: number): string {
  return `${anchor}-${number}`;
}

type Grounded = Pick<Message, "grounding" | "sources">;

/** Whether the sources hold the answer, where the model says that they do not. */
export function groundingBadge({ grounding, sources }: Grounded): Html | undefined {
  if (grounding === "unsourced") return html`<span class="badge">no page fitted</span>`;
  if (grounding !== "none") return undefined;
  const says = sources === undefined ? "not known" : "not in the sources";
  return html`<span class="badge unanswered">${says}</span>`;
}

/**
 * The passages that the answer names, and those that it was given besides.
 * @param anchor where the page shows the answer: its marks, such as [1], lead to what follows it here
 */
export function answerSources({ sources = [] }: Grounded, anchor: string): Html | undefined {
  if (sources.length === 0) return undefined;
  const cited = sources.filter(({ isCited }) => isCited);
  const others = sources.filter(({ isCited }) => !isCited);
  return html`<div class="sources">
    ${cited.length > 0 && sourceList(cited, anchor)}
    ${
      others.length > 0 &&
      html`<details id="others-${anchor}">
        <summary>
          ${formatCount(others.length, cited.length > 0 ? "other passage" : "passage")} that the
          model was given
        </summary>
        ${sourceList(others, anchor)}
      </details>`
    }
  </div>`;
}

function sourceList(sources: readonly AnswerSource[], anchor: string): Html {
  return html`<ul>
    ${sources.map(
      (source) =>
        html`<li id="${sourceAnchor(anchor, source.number)}">
          [${source.number}] ${nameOf(source)}
        </li>`,
    )}
  </ul>`;
}

function nameOf({ title, heading, url }: AnswerSource): Html {
  const name = html`<bdi>${[title, heading].filter((each) => each !== "").join(" › ")}</bdi>`;
  if (url === undefined || !/^https?:/.test(url)) return name;
  return html`<a href="${url}" rel="noopener noreferrer" target="_blank">${name}</a>`;
}
