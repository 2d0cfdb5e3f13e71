import { type AppError, PUBLIC_ERRORS } from "../errors.ts";
import type { ErrorPage } from "../http/error-handler.ts";
import type { Link } from "../http/link.ts";
import { areaOf } from "../net/areas.ts";
import { formatCount } from "./formats.ts";
import { type Html, html } from "./html.ts";
import { plainLayout } from "./layout.ts";
import { loginPage, safeNext } from "./login-page.ts";
import { PAGE_HEADERS } from "./page.ts";

/** Shows errors under /dashboard as pages for people. Status and headers stay the same. */
export function createErrorPage(link: Link): ErrorPage {
  return (error, { path, requestId }) => {
    if (!areaOf(path).isDashboard) return undefined;
    return { body: render(link, error, path, requestId).toString(), headers: PAGE_HEADERS };
  };
}

function render(link: Link, error: AppError, path: string, requestId: string): Html {
  if (error.code === "login_required") return loginPage({ link, next: nextAfter(path) });
  if (error.code === "dashboard_disabled") return disabledPage(link);
  const wait = Number(error.headers["retry-after"] ?? 0);
  return plainLayout(
    link,
    PUBLIC_ERRORS[error.code].message,
    html`<h1>${PUBLIC_ERRORS[error.code].message}</h1>
      ${wait > 0 && html`<p>You can try again in ${formatCount(wait, "second")}.</p>`}
      ${
        error.code === "origin_not_allowed" &&
        html`<p>
          If this is your own dashboard behind a proxy, set PUBLIC_URL to the address in the
          browser's address bar, without /dashboard and what follows it.
        </p>`
      }
      ${
        error.details &&
        html`<ul>
          ${error.details.map((detail) => html`<li>${detail.path} ${detail.message}</li>`)}
        </ul>`
      }
      <p><a href="${link("/dashboard")}">Go to the dashboard</a></p>
      <p class="hint">${error.status} ${error.code} · request ${requestId}</p>`,
  );
}

/** The page to return to: the requested one, unless only a script or a form requests it. */
function nextAfter(path: string): string {
  const isPage = !/\/(?:events|delete|logout|login|export)$/.test(path);
  return isPage ? safeNext(path) : "/dashboard";
}

function disabledPage(link: Link): Html {
  return plainLayout(
    link,
    "The dashboard is not enabled",
    html`<h1>The dashboard is not enabled</h1>
      <p>Set a password in the environment or in <code>.env</code>, and start the server again:</p>
      <pre tabindex="0"><code>DASHBOARD_PASSWORD=a-long-password-of-your-own</code></pre>
      <p class="hint">
        Values such as <code>change-me</code> count as missing. In production the dashboard needs
        https.
      </p>`,
  );
}
