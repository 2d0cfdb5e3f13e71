import { AppError } from "../errors.ts";
import { contextOf } from "../http/request-context.ts";
import { requireFormToken, requireSameOrigin } from "./csrf.ts";
import type { OwnerSessions, Session, SessionCookie } from "./session.ts";

/** What an open page reads and, after a lost connection, asks for again by itself. */
export const EVENTS_PATH = "/dashboard/events";
/** What a page sends with what it asks by itself, without its owner doing anything. */
const REFRESH_HEADER = "x-dashboard-refresh";

interface Logins {
  /** Undefined without a password: the dashboard is off. */
  readonly sessions: OwnerSessions | undefined;
  readonly cookie: SessionCookie;
}

/** The derive hook of the owner's pages: throws AppError dashboard_disabled or login_required. */
export function requireOwner({ sessions, cookie }: Logins) {
  return async ({ request }: { request: Request }) => {
    if (sessions === undefined) throw new AppError("dashboard_disabled");
    const token = cookie.read(request);
    const isByItself =
      request.headers.has(REFRESH_HEADER) || contextOf(request).path === EVENTS_PATH;
    const session = token === undefined ? undefined : await sessions.find(token, !isByItself);
    if (session === undefined) throw new AppError("login_required");
    return { session, sessions };
  };
}

interface Post {
  readonly request: Request;
  readonly body: unknown;
  readonly session: Session;
}

/** The derive hook after the form was read: throws AppError form_refused where no page of ours sent it. */
export function requireOwnForm({ request, body, session }: Post) {
  requireSameOrigin(request);
  requireFormToken(request, body, session.formToken);
  return {};
}
