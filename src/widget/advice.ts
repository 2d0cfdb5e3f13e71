import type { Failure } from "./failure.ts";

/** Messages in the browser's console, for the owner of the page. */
export interface Advice {
  onSetting(attribute: string, isFatal?: boolean): void;
  onFailure(failure: Failure): void;
}

export function createAdvice(apiUrl: string): Advice {
  function print(text: string, isError?: boolean): void {
    console[isError ? "error" : "warn"](`[chatporch] ${text}`);
  }

  return {
    onSetting(attribute, isFatal) {
      print(`${attribute} is missing or wrong`, isFatal);
    },
    onFailure({ kind, message }) {
      const advice: Partial<Record<string, string>> = {
        unauthorized: "does not know this data-api-key",
        origin_not_allowed: `refuses this website: allow ${location.origin} in its dashboard, or add it to CORS_ORIGIN`,
        not_set_up: "has no model yet: see its dashboard",
        not_chatporch: "is not chatporch: see data-api-url",
        unreachable: "cannot be reached: is it up, and in connect-src?",
      };
      print(`${apiUrl} ${advice[message] ?? `answers ${message}`}`, kind === "setup");
    },
  };
}
