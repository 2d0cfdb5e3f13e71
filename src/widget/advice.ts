import type { Failure } from "./failure.ts";

/** What the owner of the page reads in the console, each sentence once. */
export interface Advice {
  onSetting(attribute: string, isFatal?: boolean): void;
  onFailure(failure: Failure): void;
}

export function createAdvice(apiUrl: string): Advice {
  const told = new Set<string>();

  function tell(text: string, isError?: boolean): void {
    if (told.has(text)) return;
    told.add(text);
    console[isError ? "error" : "warn"](`[chatporch] ${text}`);
  }

  return {
    onSetting(attribute, isFatal) {
      tell(`${attribute} is missing or cannot be used as it is`, isFatal);
    },
    onFailure({ kind, code }) {
      const advice = new Map([
        ["unauthorized", "does not know this data-api-key: take one of its WIDGET_API_KEY"],
        ["origin_not_allowed", `refuses this website: add ${location.origin} to its CORS_ORIGIN`],
        ["not_chatporch", "is not chatporch: check data-api-url"],
        ["unreachable", "cannot be reached: is it up, and in connect-src of this page's CSP?"],
      ]);
      tell(`${apiUrl} ${advice.get(code) ?? `answers ${code}`}`, kind === "setup");
    },
  };
}
