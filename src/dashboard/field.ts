import { type Content, type Html, html } from "./html.ts";

interface Field {
  readonly name: string;
  readonly label: string;
  readonly problem: string | undefined;
  readonly hint?: Content;
  /** Makes the control with these attributes. */
  readonly control: (attributes: Html) => Content;
  /** Stands below the hint. */
  readonly below?: Content;
  /** Whether the browser goes to it when something is wrong with it. By default it does. */
  readonly takesFocus?: boolean;
}

/** A labelled control with its hint and what is wrong with it. */
export function field(options: Field): Html {
  const { name, label, problem, hint, control, below, takesFocus = true } = options;
  const described = [hint && `hint-${name}`, problem && `problem-${name}`].filter(Boolean);
  const attributes = html`id="${name}" name="${name}"
  ${problem !== undefined && html`aria-invalid="true" ${takesFocus && html`autofocus`}`}
  ${described.length > 0 && html`aria-describedby="${described.join(" ")}"`}`;
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${control(attributes)}
    ${problem !== undefined && html`<p class="problem" id="problem-${name}" role="alert">${problem}</p>`}
    ${hint !== undefined && html`<p class="hint" id="hint-${name}">${hint}</p>`} ${below}
  </div>`;
}
