import type { Failure } from "./failure.ts";
import type { SettingProblem } from "./settings.ts";

/** What the owner of the page reads in the console, each sentence once. */
export interface Advice {
  onSetting(problem: SettingProblem): void;
  onFailure(failure: Failure): void;
}

export function createAdvice(apiUrl: string): Advice {
  const told = new Set<string>();

  function tell(level: "error" | "warn", text: string): void {
    if (told.has(text)) return;
    told.add(text);
    console[level](`[chatporch] ${text}`);
  }

  return {
    onSetting({ name, problem, isFatal }) {
      tell(isFatal ? "error" : "warn", `${name} ${problem}`);
    },
    onFailure({ kind, code }) {
      if (code === "unauthorized") {
        tell(
          "error",
          `${apiUrl} does not accept data-api-key: it has to be one of WIDGET_API_KEY.`,
        );
      } else if (code === "origin_not_allowed") {
        tell("error", `${apiUrl} refuses this website: add ${location.origin} to CORS_ORIGIN.`);
      } else if (kind === "setup") {
        tell("error", `There is no chatporch at ${apiUrl} (${code}): check data-api-url.`);
      } else if (code === "unreachable") {
        tell(
          "warn",
          `${apiUrl} cannot be reached. Does it run, and does this page's Content-Security-Policy have it in connect-src?`,
        );
      } else {
        tell("warn", `${apiUrl} answered: ${code}`);
      }
    },
  };
}
