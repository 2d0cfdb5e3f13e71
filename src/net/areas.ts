/** What is known of a request by the beginning of its path. */
export interface Area {
  /** What it is counted on; nothing where there is no limit. */
  readonly budget: "chat" | "admin" | undefined;
  /** The dashboard is for its own pages: CORS_ORIGIN opens nothing of it to a website. */
  readonly isDashboard: boolean;
  /** Begins a download or a stream, so that a link from elsewhere must not lead there. */
  readonly beginsWork: boolean;
}

/** Asked by machines that watch the server, or cached by browsers; they neither cost nor reveal much. */
const OPEN = { budget: undefined, isDashboard: false, beginsWork: false } as const;
const OPEN_DASHBOARD = { budget: undefined, isDashboard: true, beginsWork: false } as const;
const DASHBOARD = { budget: "admin", isDashboard: true, beginsWork: false } as const;
const DASHBOARD_WORK = { budget: "admin", isDashboard: true, beginsWork: true } as const;
const OWNERS = { budget: "admin", isDashboard: false, beginsWork: false } as const;
const VISITORS = { budget: "chat", isDashboard: false, beginsWork: false } as const;

const AREAS: readonly (readonly [path: RegExp, area: Area])[] = [
  [/^\/(?:health|ready|widget\/.*)?$/, OPEN],
  [/^\/dashboard\/assets\//, OPEN_DASHBOARD],
  [/^\/dashboard\/(?:export|events)\/?$/, DASHBOARD_WORK],
  [/^\/dashboard(?:\/|$)/, DASHBOARD],
  [/^\/(?:v1\/admin|metrics)(?:\/|$)/, OWNERS],
];

/**
 * The area of a path without the base path and the query. What is not known to be another's is the visitors',
 * so that an unknown or oddly written path is no way around their limit.
 */
export function areaOf(path: string): Area {
  return AREAS.find(([pattern]) => pattern.test(path))?.[1] ?? VISITORS;
}
