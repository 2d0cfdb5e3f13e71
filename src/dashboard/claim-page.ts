import { MIN_PASSWORD_LENGTH } from "../config/password.ts";
import type { Link } from "../http/link.ts";
import { CLAIM_MINUTES } from "./claim.ts";
import { type Html, html } from "./html.ts";
import { OWNER_NAME, plainLayout } from "./layout.ts";
import type { OverHttps } from "./plain-http.ts";

/** What is wrong with a field, for the person who filled it in. */
export interface ClaimProblems {
  readonly token?: string;
  readonly password?: string;
  readonly again?: string;
}

interface ClaimPageOptions {
  /** The token, to be sent again. Empty: the script takes it from the link, or the owner pastes it. */
  readonly token: string;
  readonly problems: ClaimProblems;
}

export type ClaimPage = (request: Request, options: ClaimPageOptions) => Html;

/** Where the owner of a new server chooses the password. */
export function createClaimPage(link: Link, overHttps: OverHttps): ClaimPage {
  return (request, { token, problems }) => {
    const form = html`<form method="post" action="${link("/dashboard/claim")}" class="stack">
      <label data-claim>
        Claim token
        <span class="hint"
          >What follows # in the link that the server printed when it started.</span
        >
        <input
          type="text"
          name="token"
          value="${token}"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          required
          ${invalid("token", problems)}
        />
        ${problemOf("token", problems)}
      </label>
      ${OWNER_NAME}
      <label>
        Password
        <span class="hint">At least ${MIN_PASSWORD_LENGTH} characters.</span>
        ${passwordField("password", problems)}
      </label>
      <label> Repeat the password ${passwordField("again", problems)} </label>
      <button class="primary">Set password</button>
    </form>`;
    return plainLayout(
      link,
      "Claim this dashboard",
      html`<h1>Claim this dashboard</h1>
        <p>Choose a password for it.</p>
        ${overHttps(request, form)}`,
    );
  };
}

function passwordField(name: "password" | "again", problems: ClaimProblems): Html {
  return html`<input
      type="password"
      name="${name}"
      autocomplete="new-password"
      required
      ${invalid(name, problems)}
    />
    ${problemOf(name, problems)}`;
}

function invalid(name: keyof ClaimProblems, problems: ClaimProblems): Html | undefined {
  if (problems[name] === undefined) return undefined;
  return html`aria-invalid="true" aria-describedby="problem-${name}"`;
}

function problemOf(name: keyof ClaimProblems, problems: ClaimProblems): Html | undefined {
  if (problems[name] === undefined) return undefined;
  return html`<span class="problem" id="problem-${name}" role="alert">${problems[name]}</span>`;
}

/** Shown in place of every page while nobody has chosen a password. */
export function unclaimedPage(link: Link): Html {
  return plainLayout(
    link,
    "This dashboard has no owner yet",
    html`<h1>This dashboard has no owner yet</h1>
      <p>
        When the server starts, it prints a link that lets its owner choose the password. The link
        works for ${CLAIM_MINUTES} minutes. A restart prints a new one.
      </p>
      <p>Or set the password on the server:</p>
      <pre tabindex="0"><code>chatporch password</code></pre>
      <p class="hint">
        The link is among the first lines that docker logs or journalctl shows. Only have the token?
        <a href="${link("/dashboard/claim")}">Enter it</a>.
      </p>`,
  );
}

/** Shown to whoever has a claim link once there is a password. */
export function claimedPage(link: Link, isSetting: boolean): Html {
  return plainLayout(
    link,
    "This dashboard has an owner",
    html`<h1>This dashboard has an owner</h1>
      <p>Its password is set, so the claim link no longer works.</p>
      <p><a href="${link("/dashboard")}">Log in</a></p>
      ${
        !isSetting &&
        html`<p class="hint">
          Not you? Run <code>chatporch password</code> on the server: it sets a new password and
          logs everybody out.
        </p>`
      }`,
  );
}
