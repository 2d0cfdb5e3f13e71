import { adviseOn } from "../config/advice.ts";
import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { advised, type Finding } from "./report.ts";

const SUBJECT = "settings";

/**
 * One finding for each setting that keeps the server from starting, or that its owner should review.
 * @param address the address at which visitors reach the server, if it is known
 */
export function checkSettings(
  settings: LoadedConfig | ConfigError,
  address: string | undefined,
): Finding[] {
  if (settings instanceof ConfigError) {
    return settings.problems.map(({ name, problem, example }) => ({
      mark: "wrong",
      subject: SUBJECT,
      says: `${name} ${problem}`,
      mend: example === undefined ? undefined : `for example ${name}=${example}`,
    }));
  }
  const { config, environmentReason, advice } = settings;
  const usable = `usable, for ${config.server.environment}: ${environmentReason}`;
  // Hints are for the start and the dashboard. The doctor checks those things itself.
  const warnings = adviseOn({ config, advice, address }).filter(
    ({ severity }) => severity === "warning",
  );
  return [
    { mark: "ok", subject: SUBJECT, says: usable },
    ...warnings.map((warning) => advised(warning, SUBJECT)),
  ];
}
