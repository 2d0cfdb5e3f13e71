import type { Config } from "../config/config.ts";
import { localUrl } from "../config/server.ts";
import { originText } from "../net/origin.ts";

interface NextSteps {
  /** The settings, as a server that starts now reads them. */
  readonly config: Config;
  /** By name, the secrets that were just made. No others are shown. */
  readonly made: ReadonlyMap<string, string>;
  /** What starts the server. */
  readonly program: string;
  /** Whether only the owner sees what is printed. A file or a pipeline would keep the password. */
  readonly isTerminal: boolean;
}

/** What the owner does now. */
export function nextSteps({ config, made, program, isTerminal }: NextSteps): string {
  const { server } = config;
  const isProduction = server.environment === "production";
  const own = localUrl(server.host, server.port);
  const address = server.publicUrl ?? (isProduction ? "https://chat.example.com" : own);
  const steps = [
    `Start the server in this folder: ${program}`,
    isProduction
      ? `Have a proxy with https pass ${address} on to port ${server.port} (docs/running.md).`
      : `Open ${own}/ and try the chat.`,
    `Put this tag on each page of ${websitesOf(config)} that is to have the chat:\n\n${scriptTag(address, made)}\n`,
    `Read the conversations at ${address}/dashboard.${passwordNote(made, isTerminal)}`,
  ];
  const list = steps.map((step, index) => `  ${index + 1}. ${step}\n`).join("");
  return `\nWhat is next:\n${list}`;
}

function websitesOf({ origins }: Config): string {
  return origins.allowed === "*" ? "your website" : origins.allowed.map(originText).join(", ");
}

function scriptTag(address: string, made: ReadonlyMap<string, string>): string {
  const key = made.get("WIDGET_API_KEY") ?? "the WIDGET_API_KEY that was set already";
  return `     <script src="${address}/widget/chat-widget.js" data-api-key="${key}" defer></script>`;
}

function passwordNote(made: ReadonlyMap<string, string>, isTerminal: boolean): string {
  const password = made.get("DASHBOARD_PASSWORD");
  if (password === undefined) return "";
  return isTerminal
    ? `\n     Its password was made just now: ${password}\n     It is not shown again; it stands in .env.`
    : " Its password was made, and stands in .env.";
}
