import type { Link } from "../http/link.ts";
import { type Html, html } from "./html.ts";
import { OWNER_NAME, plainLayout } from "./layout.ts";
import type { OverHttps } from "./plain-http.ts";

interface LoginPageParts {
  readonly link: Link;
  /** Whether the password is the setting DASHBOARD_PASSWORD. */
  readonly isSetting: boolean;
  readonly overHttps: OverHttps;
}

interface LoginPageOptions {
  /** Where the login leads: a path of the dashboard, without the base path. */
  readonly next: string;
  readonly problem?: string;
  /** Whether a form was sent after its session had ended. */
  readonly isFormRefused?: boolean;
}

export type LoginPage = (request: Request, options: LoginPageOptions) => Html;

export function createLoginPage({ link, isSetting, overHttps }: LoginPageParts): LoginPage {
  const hint = isSetting
    ? html`The password is the setting DASHBOARD_PASSWORD of this server.`
    : html`Forgotten? Run <code>chatporch password</code> on the server to set a new one.`;
  return (request, { next, problem, isFormRefused = false }) => {
    const form = html`${
        isFormRefused &&
        html`<p class="notice" role="status" data-form-refused>
          Your session had ended, so nothing was changed.
        </p>`
      }
      ${
        problem !== undefined &&
        html`<p class="notice bad" role="alert" id="problem">${problem}</p>`
      }
      <form method="post" action="${link("/dashboard/login")}" class="stack" data-login>
        <input type="hidden" name="next" value="${next}" />
        ${OWNER_NAME}
        <label>
          Password
          <input
            type="password"
            name="password"
            autocomplete="current-password"
            required
            autofocus
            ${problem !== undefined && html`aria-invalid="true" aria-describedby="problem"`}
          />
        </label>
        <button class="primary">Log in</button>
      </form>
      <p class="hint">${hint}</p>`;
    return plainLayout(
      link,
      "Log in",
      html`<h1>Log in</h1>
        ${overHttps(request, form)}`,
    );
  };
}

/** A path of the dashboard, and nothing that a browser could read as the address of another server. */
const NEXT = /^\/dashboard(?:[/?][\x21-\x7e]*)?$/;

/** Where a login leads: the given path if it is a page of the dashboard, else the overview. */
export function safeNext(path: string): string {
  return path.length <= 500 && NEXT.test(path) ? path : "/dashboard";
}
