const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** From then on, the day says more. */
const MAX_DAYS = 7;

/**
 * How long ago a time is, such as `5 min ago`; after a week the day, such as `14 Nov 2026`.
 * @param timeZone that of the day; by default the machine's
 */
export function formatAgo(time: number, now: number, timeZone?: string): string {
  const ms = now - time;
  if (ms < MINUTE_MS) return "just now";
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`;
  const days = Math.floor(ms / DAY_MS);
  if (days < MAX_DAYS) return days === 1 ? "1 day ago" : `${days} days ago`;
  return new Intl.DateTimeFormat("en-GB", {
    ...(timeZone !== undefined && { timeZone }),
    day: "numeric",
    month: "short",
    year: "numeric",
  }).format(time);
}
