import { MAX_REFRESH_HOURS } from "../../config/knowledge.ts";
import type { ReadingOptions } from "../../knowledge/curate-sources.ts";
import { RefusedEntryError } from "../../knowledge/refused-entry.ts";
import { field } from "../field.ts";
import { type Html, html } from "../html.ts";
import type { Fields, TabView } from "./tab.ts";

/** The fields about how a website or page is read. */
export function optionFields(shown: Fields, { problems }: Pick<TabView, "problems">): Html {
  return html`<div class="options">
    ${field({
      name: "only",
      label: "Only pages that begin with",
      problem: problems.get("only"),
      control: (attributes) => addressInput(attributes, shown["only"] ?? "", ""),
      hint: "Empty: everything under the address above.",
    })}
    ${field({
      name: "everyHours",
      label: "Hours until it is read again",
      problem: problems.get("everyHours"),
      control: (attributes) =>
        html`<input
          type="text"
          inputmode="numeric"
          value="${shown["everyHours"] ?? ""}"
          ${attributes}
        />`,
      hint: "Empty: as in the settings. 0: only on request.",
    })}
    <div class="field">
      <label class="box">
        <input type="checkbox" name="ignoresRobots" value="1" ${isTicked(shown) && html`checked`} />
        Also read what robots.txt forbids
      </label>
      <p class="hint">Only for your own website.</p>
    </div>
  </div>`;
}

function isTicked(shown: Fields): boolean {
  return shown["ignoresRobots"] !== undefined;
}

export function addressInput(attributes: Html, value: string, placeholder: string): Html {
  return html`<input
    type="text"
    value="${value}"
    inputmode="url"
    autocomplete="off"
    autocapitalize="off"
    spellcheck="false"
    placeholder="${placeholder}"
    ${attributes}
  />`;
}

/**
 * The options as they were entered.
 * @throws RefusedEntryError
 */
export function readOptionFields(fields: Fields): ReadingOptions {
  return {
    only: fields["only"] ?? "",
    everyHours: readHours(fields["everyHours"]?.trim() ?? ""),
    ignoresRobots: isTicked(fields),
  };
}

function readHours(text: string): number | null | undefined {
  if (text === "") return undefined;
  if (text === "0") return null;
  if (/^\d{1,4}$/.test(text) && Number(text) <= MAX_REFRESH_HOURS) return Number(text);
  const problem = `This must be a whole number from 0 to ${MAX_REFRESH_HOURS}.`;
  throw new RefusedEntryError("everyHours", problem);
}
