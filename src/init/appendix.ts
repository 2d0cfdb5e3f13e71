import { envLine } from "./env-line.ts";

const HEADING = "# Written by chatporch init. docs/settings.md explains every setting.";

/** A comment stands on a line of its own, because not every reader knows comments behind a value. */
const COMMENTS: ReadonlyMap<string, string> = new Map([
  ["NODE_ENV", "production: for visitors on the internet. development: to try it on this machine."],
  ["WIDGET_API_KEY", "The key in the website's script tag. Every visitor can read it."],
  ["ADMIN_API_KEY", "The key of the admin API. It opens every conversation."],
  ["CORS_ORIGIN", "The websites that may use the server."],
  ["PUBLIC_URL", "The address that visitors use."],
  ["OPENAI_BASE_URL", "The server that runs the model."],
  ["OPENAI_API_KEY", "The key of the server that runs the model."],
  ["OPENAI_API_KEY_FILE", "The file with the key of the server that runs the model."],
  ["DASHBOARD_PASSWORD", "The password of /dashboard."],
  ["DASHBOARD_PASSWORD_FILE", "The file with the password of /dashboard."],
]);

/** The text that adds settings to a file `.env` and leaves all of its lines alone, with the line ends of the file. */
export function appendixTo(
  fileText: string | undefined,
  added: ReadonlyMap<string, string>,
): string {
  if (added.size === 0) return "";
  const lines = Array.from(added, ([name, value]) => {
    const comment = COMMENTS.get(name);
    // A value that no line can hold was refused when it was given.
    const line = envLine(name, value) ?? "";
    return comment === undefined ? [line] : [`# ${comment}`, line];
  });
  const text = fileText ?? "";
  const before = text === "" ? [] : [""];
  const unfinishedLine = /[^\r\n]$/.test(text) ? [""] : [];
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  return [...unfinishedLine, ...before, HEADING, ...lines.flat(), ""].join(lineEnd);
}
