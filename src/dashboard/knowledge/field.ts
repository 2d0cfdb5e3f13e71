import { type Content, type Html, html } from "../html.ts";

interface Field {
  readonly name: string;
  readonly label: string;
  readonly problem: string | undefined;
  readonly hint?: Content;
  /** Makes the control with these attributes. */
  readonly control: (attributes: Html) => Content;
}

/** A labelled control with its hint and what is wrong with it. */
export function field({ name, label, problem, hint, control }: Field): Html {
  const described = [hint && `hint-${name}`, problem && `problem-${name}`].filter(Boolean);
  const attributes = html`id="${name}" name="${name}"
  ${problem !== undefined && html`aria-invalid="true" autofocus`}
  ${described.length > 0 && html`aria-describedby="${described.join(" ")}"`}`;
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${control(attributes)}
    ${problem !== undefined && html`<p class="problem" id="problem-${name}" role="alert">${problem}</p>`}
    ${hint !== undefined && html`<p class="hint" id="hint-${name}">${hint}</p>`}
  </div>`;
}
