import { AppError } from "../errors.ts";
import { contextOf } from "../http/request-context.ts";
import { requireFormToken, requireSameOrigin } from "./csrf.ts";
import type { OwnerSessions, Session, SessionCookie } from "./session.ts";

/** The event stream. An open page reads it and reconnects by itself. */
export const EVENTS_PATH = "/dashboard/events";
/** A page sends this header with requests that it makes by itself, without an action of its owner. */
const REFRESH_HEADER = "x-dashboard-refresh";

interface Logins {
  readonly sessions: OwnerSessions;
  readonly cookie: SessionCookie;
}

/** Whether an open page asks for itself again. */
export function isRefresh(request: Request): boolean {
  return request.headers.has(REFRESH_HEADER);
}

/** The derive hook of the owner's pages. Throws AppError dashboard_unclaimed or login_required. */
export function requireOwner({ sessions, cookie }: Logins) {
  return async ({ request }: { request: Request }) => {
    const isByItself = isRefresh(request) || contextOf(request).path === EVENTS_PATH;
    for (const token of cookie.read(request)) {
      const session = await sessions.find(token, !isByItself);
      if (session !== undefined) return { session };
    }
    throw new AppError((await sessions.hasOwner()) ? "login_required" : "dashboard_unclaimed");
  };
}

interface Post {
  readonly request: Request;
  readonly body: unknown;
  readonly session: Session;
}

/** The derive hook after the form is read. Throws AppError form_refused unless our own page sent the form. */
export function requireOwnForm({ request, body, session }: Post) {
  requireSameOrigin(request);
  requireFormToken(request, body, session.formToken);
  return {};
}
