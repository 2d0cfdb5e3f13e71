import { MIN_PASSWORD_LENGTH } from "../../config/password.ts";
import type { Lock } from "../../config/sources.ts";
import { type Html, html } from "../html.ts";
import { formToken, OWNER_NAME } from "../layout.ts";
import { lockNote } from "./field-view.ts";
import type { SectionView } from "./section.ts";

/** The fields of the form, in their order. */
export const PASSWORD_FIELDS = ["current", "password", "again"] as const;

type PasswordField = (typeof PASSWORD_FIELDS)[number];

const LABELS: Readonly<Record<PasswordField, string>> = {
  current: "Current password",
  password: "New password",
  again: "Repeat the new password",
};

export function passwordBody(view: SectionView, lock: Lock | undefined): Html {
  return html`${view.shown}
    <section class="card">
      <h2>Dashboard password</h2>
      ${lock === undefined ? passwordForm(view) : lockNote(lock)}
    </section>`;
}

function passwordForm(view: SectionView): Html {
  return html`<p class="hint">A new password logs everybody else out.</p>
    <form method="post" action="${view.path}" class="stack">
      ${formToken(view.session)} ${OWNER_NAME}
      ${PASSWORD_FIELDS.map((name) => passwordField(name, view.problems.get(name)))}
      <p class="buttons">
        <button name="action" value="change" class="primary">Change password</button>
      </p>
    </form>`;
}

/** It is always empty: a password is not sent back. */
function passwordField(name: PasswordField, problem: string | undefined): Html {
  const hint = name === "password" && `At least ${MIN_PASSWORD_LENGTH} characters.`;
  const described = [hint && `hint-${name}`, problem && `problem-${name}`].filter(Boolean);
  return html`<div class="field">
    <label for="${name}">${LABELS[name]}</label>
    <input
      type="password"
      id="${name}"
      name="${name}"
      autocomplete="${name === "current" ? "current-password" : "new-password"}"
      required
      ${problem !== undefined && html`aria-invalid="true"`}
      ${described.length > 0 && html`aria-describedby="${described.join(" ")}"`}
    />
    ${problem !== undefined && html`<p class="problem" id="problem-${name}" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="hint-${name}">${hint}</p>`}
  </div>`;
}
