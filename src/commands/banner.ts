import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { databasePlace } from "../config/database.ts";
import { redisPlace } from "../config/replicas.ts";
import { CLAIM_MINUTES } from "../dashboard/claim.ts";

interface BannerOptions {
  /** The settings in use, including the widget key that was made if none is configured. */
  readonly config: Config;
  readonly environmentReason: string;
  readonly version: string;
  /** The address that the server listens on. The system may have chosen the port. */
  readonly url: string;
  readonly modelName: string;
  /** With it, the owner chooses the first password. Missing: there is a password. */
  readonly claimToken: string | undefined;
  readonly advice: readonly Advice[];
}

/** The text shown after a start: addresses, settings, advice and an example request. */
export function banner(options: BannerOptions): string {
  const { config, url, modelName } = options;
  const [widgetKey = ""] = config.keys.widget;
  const lines = [
    `chatporch ${options.version} (${config.server.environment})`,
    `  because    ${options.environmentReason}`,
    `  listening  ${url}`,
    `  model      ${modelName}${config.model.kind === "demo" ? " (built in)" : ""}`,
    `  database   ${databasePlace(config.database)}`,
    ...(config.replicas.redisUrl === undefined
      ? []
      : [`  redis      ${redisPlace(config.replicas.redisUrl)}`]),
    ...pages(options),
    // Not a secret: every visitor can read it in the page that has the widget.
    `  widget key ${widgetKey}`,
    ...options.advice.map(({ says, mend }) => `  ! ${says} ${mend}`),
    "",
    ...(config.model.kind === "none" ? [] : exampleRequest(url, widgetKey)),
    ...claimLink(options),
  ];
  return `${lines.join("\n")}\n`;
}

function exampleRequest(url: string, widgetKey: string): string[] {
  return [
    "Try it:",
    `  curl -N ${url}/v1/chat/stream \\`,
    "    -H 'content-type: application/json' \\",
    `    -H ${inShell(`x-api-key: ${widgetKey}`)} \\`,
    `    -d '{"sessionId":"hello","message":"What can you do?"}'`,
    "",
  ];
}

/** The addresses that can be opened in a browser. */
function pages({ config, url }: BannerOptions): string[] {
  const { environment, publicUrl } = config.server;
  return [
    ...(environment === "development" ? [`  try it at  ${url}/`] : []),
    `  dashboard  ${publicUrl ?? url}/dashboard`,
  ];
}

/** Printed last, where a newcomer looks first. */
function claimLink({ config, url, claimToken }: BannerOptions): string[] {
  if (claimToken === undefined) return [];
  return [
    `Claim the dashboard: choose its password at this link, once, within ${CLAIM_MINUTES} minutes.`,
    `  ${config.server.publicUrl ?? url}/dashboard/claim#${claimToken}`,
    "",
  ];
}

/** Quotes a word so that every shell passes it on unchanged. */
function inShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
