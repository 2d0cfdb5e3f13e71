import type { Config } from "./config/config.ts";

interface BannerOptions {
  readonly config: Config;
  readonly version: string;
  /** Where the server really listens; the port may have been chosen by the system. */
  readonly url: string;
  readonly modelName: string;
  /** The widget key that was made because none is configured. */
  readonly developmentKey: string | undefined;
  readonly warnings: readonly string[];
}

/** What a person needs to see after a start: where, with what, what to mind, and a first request. */
export function banner(options: BannerOptions): string {
  const { config, url, modelName, developmentKey } = options;
  const lines = [
    `chatporch ${options.version} (${config.environment})`,
    `  listening  ${url}`,
    `  model      ${modelName}${config.model.kind === "demo" ? " (built in)" : ""}`,
    `  database   ${config.databasePath}`,
    ...(developmentKey ? [`  widget key ${developmentKey}  (made for development)`] : []),
    ...[...options.warnings, ...warningsOf(config)].map((warning) => `  ! ${warning}`),
    "",
    "Try it:",
    `  curl -N ${url}/v1/chat/stream \\`,
    "    -H 'content-type: application/json' \\",
    `    -H "x-api-key: ${developmentKey ?? "${WIDGET_API_KEY%%,*}"}" \\`,
    `    -d '{"sessionId":"hello","message":"What can you do?"}'`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function warningsOf(config: Config): string[] {
  const warnings: string[] = [];
  if (config.model.kind === "demo") {
    warnings.push(
      "The demo model answers. Set OPENAI_API_KEY or OPENAI_BASE_URL for real answers.",
    );
  }
  if (config.corsOrigins === "*") {
    warnings.push("Every website may use this server (CORS_ORIGIN is *). Production refuses that.");
  }
  if (config.adminApiKeys.length === 0) {
    warnings.push("The admin API is off. Set ADMIN_API_KEY to read conversations.");
  }
  return warnings;
}
