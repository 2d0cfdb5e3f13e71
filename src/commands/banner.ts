import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";

interface BannerOptions {
  /** As it is served, with the widget key that was made where none is configured. */
  readonly config: Config;
  readonly environmentReason: string;
  readonly version: string;
  /** Where the server really listens; the port may have been chosen by the system. */
  readonly url: string;
  readonly modelName: string;
  readonly advice: readonly Advice[];
}

/** What a person needs to see after a start: where, with what, what to mind, and a first request. */
export function banner(options: BannerOptions): string {
  const { config, url, modelName } = options;
  const [widgetKey = ""] = config.keys.widget;
  const lines = [
    `chatporch ${options.version} (${config.server.environment})`,
    `  because    ${options.environmentReason}`,
    `  listening  ${url}`,
    `  model      ${modelName}${config.model.kind === "demo" ? " (built in)" : ""}`,
    `  database   ${config.database.path}`,
    ...pages(config, url),
    // Public: every visitor reads it in the page that has the widget.
    `  widget key ${widgetKey}`,
    ...options.advice.map(({ says, mend }) => `  ! ${says} ${mend}`),
    "",
    "Try it:",
    `  curl -N ${url}/v1/chat/stream \\`,
    "    -H 'content-type: application/json' \\",
    `    -H ${inShell(`x-api-key: ${widgetKey}`)} \\`,
    `    -d '{"sessionId":"hello","message":"What can you do?"}'`,
    "",
  ];
  return `${lines.join("\n")}\n`;
}

/** What can be opened in a browser. */
function pages(config: Config, url: string): string[] {
  const { environment, publicUrl } = config.server;
  return [
    ...(environment === "development" ? [`  try it at  ${url}/`] : []),
    config.keys.dashboardPassword === undefined
      ? "  dashboard  off; DASHBOARD_PASSWORD turns it on"
      : `  dashboard  ${publicUrl ?? url}/dashboard`,
  ];
}

/** A word that every shell hands on as it is. */
function inShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
