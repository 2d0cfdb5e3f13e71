import type { Failure } from "./failure.ts";

/** Says in the browser's console why a request failed, for the owner of the page. */
export function adviseOn({ kind, message }: Failure, apiUrl: string): void {
  const advice: Partial<Record<string, string>> = {
    unauthorized: "does not know this data-api-key",
    origin_not_allowed: `refuses this website: allow ${location.origin} in its dashboard, or add it to CORS_ORIGIN`,
    not_set_up: "has no model yet: see its dashboard",
    not_chatporch: "is not chatporch: see data-api-url",
    unreachable: "cannot be reached: is it up, and in connect-src?",
  };
  print(`${apiUrl} ${advice[message] ?? `answers ${message}`}`, kind === "setup");
}

/** Writes to the browser's console. */
export function print(text: string, isError?: boolean): void {
  console[isError ? "error" : "warn"](`[chatporch] ${text}`);
}
