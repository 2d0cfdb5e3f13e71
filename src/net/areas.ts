/** What the beginning of a path says about a request. */
export interface Area {
  /** The rate limit that the request counts against. Undefined: none. */
  readonly budget: "chat" | "admin" | undefined;
  /** Only the dashboard's own pages may use it: CORS_ORIGIN opens none of it to a website. */
  readonly isDashboard: boolean;
  /** Any website may read it, also one that is not allowed to chat: it holds nothing but what every page gets. */
  readonly isForAll: boolean;
  /** The path begins a download or a stream, so a link from another site must not lead there. */
  readonly beginsWork: boolean;
}

/** Monitoring reads these paths and browsers cache them. They cost little and reveal little. */
const OPEN: Area = { budget: undefined, isDashboard: false, isForAll: false, beginsWork: false };
const FOR_ALL: Area = { ...OPEN, isForAll: true };
const OPEN_DASHBOARD: Area = { ...OPEN, isDashboard: true };
const DASHBOARD: Area = { ...OPEN_DASHBOARD, budget: "admin" };
const DASHBOARD_WORK: Area = { ...DASHBOARD, beginsWork: true };
const OWNERS: Area = { ...OPEN, budget: "admin" };
const VISITORS: Area = { ...OPEN, budget: "chat" };

const AREAS: readonly (readonly [path: RegExp, area: Area])[] = [
  [/^\/widget\/.+\.(?:js|d\.ts)\/?$/, FOR_ALL],
  [/^\/(?:health|ready|widget\/.*)?$/, OPEN],
  [/^\/dashboard\/assets\//, OPEN_DASHBOARD],
  [/^\/dashboard\/(?:(?:conversations\/[^/]+\/)?export|events)\/?$/, DASHBOARD_WORK],
  [/^\/dashboard(?:\/|$)/, DASHBOARD],
  [/^\/(?:v1\/admin|metrics)(?:\/|$)/, OWNERS],
];

/**
 * The area of a path, given without the base path and the query. Any other path belongs to the visitors, so
 * an unknown or oddly written path does not bypass their rate limit.
 */
export function areaOf(path: string): Area {
  return AREAS.find(([pattern]) => pattern.test(path))?.[1] ?? VISITORS;
}
