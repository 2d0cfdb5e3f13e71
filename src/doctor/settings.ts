import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "settings";

/** One finding for each setting that keeps the server from starting, or that seems mistyped. */
export function checkSettings(settings: LoadedConfig | ConfigError): Finding[] {
  if (settings instanceof ConfigError) {
    return settings.problems.map(({ name, problem, example }) => ({
      mark: "wrong",
      subject: SUBJECT,
      says: `${name} ${problem}`,
      mend: `for example ${name}=${example}`,
    }));
  }
  const { config, warnings } = settings;
  return [
    { mark: "ok", subject: SUBJECT, says: `usable, for ${config.environment}` },
    ...warnings.map((says) => ({ mark: "warning", subject: SUBJECT, says }) as const),
  ];
}
