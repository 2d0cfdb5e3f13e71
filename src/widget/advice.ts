import type { Failure } from "./failure.ts";

/** What the owner of the page reads in the console, each sentence once. */
export interface Advice {
  onSetting(name: string, problem: string, isFatal: boolean): void;
  onFailure(failure: Failure): void;
}

export function createAdvice(apiUrl: string): Advice {
  const told = new Set<string>();

  function tell(text: string, level: "error" | "warn"): void {
    if (told.has(text)) return;
    told.add(text);
    console[level](`[chatporch] ${text}`);
  }

  return {
    onSetting(name, problem, isFatal) {
      tell(`${name}: ${problem}`, isFatal ? "error" : "warn");
    },
    onFailure({ kind, code }) {
      const advice: Record<string, string> = {
        unauthorized: "does not know this data-api-key: put one of its WIDGET_API_KEY there",
        origin_not_allowed: `refuses this website: add ${location.origin} to its CORS_ORIGIN`,
        not_chatporch: "is not a chatporch server: check data-api-url",
        unreachable: "cannot be reached: is it up, and in connect-src of this page's CSP?",
      };
      const text = Object.hasOwn(advice, code) ? advice[code] : `answers ${code}`;
      tell(`${apiUrl} ${text}`, kind === "setup" ? "error" : "warn");
    },
  };
}
