import { type AppError, PUBLIC_ERRORS } from "../errors.ts";
import type { ErrorPage } from "../http/error-handler.ts";
import type { Link } from "../http/link.ts";
import { contextOf } from "../http/request-context.ts";
import { areaOf } from "../net/areas.ts";
import { claimedPage, unclaimedPage } from "./claim-page.ts";
import { formatCount } from "./formats.ts";
import { type Html, html } from "./html.ts";
import { plainLayout } from "./layout.ts";
import { type LoginPage, safeNext } from "./login-page.ts";
import { PAGE_HEADERS } from "./page.ts";

interface ErrorPageParts {
  readonly link: Link;
  readonly loginPage: LoginPage;
  /** Whether the password is the setting DASHBOARD_PASSWORD. */
  readonly isSetting: boolean;
}

/** Shows errors under /dashboard as pages for people. Status and headers stay the same. */
export function createErrorPage({ link, loginPage, isSetting }: ErrorPageParts): ErrorPage {
  function render(error: AppError, request: Request): Html {
    const { path, id } = contextOf(request);
    switch (error.code) {
      case "login_required":
        return loginPage(request, {
          next: nextAfter(path, new URL(request.url).search),
          isFormRefused: request.method === "POST",
        });
      case "dashboard_unclaimed":
        return unclaimedPage(link);
      case "dashboard_claimed":
        return claimedPage(link, isSetting);
      default:
        return problemPage(link, error, {
          path,
          requestId: id,
          loadsAgain: loadsAgain(error, request),
        });
    }
  }
  return (error, request) => {
    if (!areaOf(contextOf(request).path).isDashboard) return undefined;
    const again = loadsAgain(error, request) ? { refresh: `${waitOf(error)}` } : {};
    return { body: render(error, request).toString(), headers: { ...PAGE_HEADERS, ...again } };
  };
}

/** Seconds after which a page that could not be shown may be asked for again. 0: never, or at any time. */
function waitOf({ headers }: AppError): number {
  return Number(headers["retry-after"] ?? 0);
}

/** Whether the browser asks for the page again by itself, as soon as it may. A form is never sent twice. */
function loadsAgain(error: AppError, request: Request): boolean {
  return error.code === "rate_limited" && request.method === "GET" && waitOf(error) > 0;
}

interface ProblemOptions {
  /** Without the base path. */
  readonly path: string;
  readonly requestId: string;
  readonly loadsAgain: boolean;
}

function problemPage(
  link: Link,
  error: AppError,
  { path, requestId, loadsAgain: comesBack }: ProblemOptions,
): Html {
  const wait = waitOf(error);
  const what = comesBack ? "The page loads by itself" : "You can try again";
  return plainLayout(
    link,
    PUBLIC_ERRORS[error.code].message,
    html`<h1>${PUBLIC_ERRORS[error.code].message}</h1>
      ${error.code === "form_refused" && html`<p data-form-refused hidden></p>`}
      ${wait > 0 && html`<p>${what} in ${formatCount(wait, "second")}.</p>`}
      ${
        error.code === "not_found" &&
        THREAD.test(path) &&
        html`<p>
          This conversation was deleted: in the dashboard, by its visitor, or because of its age.
          <a href="${link("/dashboard/conversations")}">All conversations</a>
        </p>`
      }
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

/** The page of a conversation, and what is requested within it: its buttons, its form and its files. */
const THREAD = /^(\/dashboard\/conversations\/c_[\w-]+)(?:\/|$)/;
/** Encoded line ends and the like are in no address of our pages. */
const CONTROL_CHARACTER = /%(?:[01][0-9a-f]|7f)/i;

/** The page to return to: the requested one, or that of the requested form or file, with what was searched for. */
function nextAfter(path: string, search: string): string {
  const thread = THREAD.exec(path)?.[1];
  if (/\/(?:events|logout|login|export)$/.test(path)) return safeNext(thread ?? "/dashboard");
  const page = thread ?? path;
  const whole = page + search;
  const isSafe = !CONTROL_CHARACTER.test(search) && safeNext(whole) === whole;
  return isSafe ? whole : safeNext(page);
}
