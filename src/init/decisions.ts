import { decide } from "./decision.ts";
import type { Draft } from "./draft.ts";
import type { SetUp } from "./set-up.ts";

const ENVIRONMENTS = ["production", "development"];

export function decideEnvironment(draft: Draft, setUp: SetUp): Promise<Draft> {
  const { options, questions, write } = setUp;
  const name = "NODE_ENV";
  const isOpen = questions === undefined && draft.value(name) === undefined;
  return decide(draft, setUp, {
    name,
    option: `--${options.environment}`,
    given: options.environment ?? (isOpen ? draft.environment() : undefined),
    async ask() {
      write("For visitors on the internet (production), or to try it here (development)?\n");
      for (;;) {
        const answer = (await questions?.ask("Kind", draft.environment())) ?? "";
        const meant = ENVIRONMENTS.find((each) => each.startsWith(answer.toLowerCase()));
        if (meant !== undefined) return meant;
      }
    },
  });
}

export async function decideWebsites(draft: Draft, setUp: SetUp): Promise<Draft> {
  const { options, questions, write } = setUp;
  const name = "CORS_ORIGIN";
  const isRequired = draft.environment() === "production";
  const decided = await decide(draft, setUp, {
    name,
    option: "--website",
    given: options.websites.length === 0 ? undefined : toOrigins(options.websites.join(",")),
    async ask() {
      write("Which websites may use it, such as https://www.example.com?\n");
      const question = isRequired ? "Websites" : "Websites (Enter: any)";
      for (;;) {
        const answer = toOrigins((await questions?.ask(question)) ?? "");
        if (answer !== "" || !isRequired) return answer;
      }
    },
  });
  if (isRequired && decided.value(name) === undefined) {
    setUp.needed.push("your website (--website https://www.example.com)");
  }
  return decided;
}

export function decidePublicUrl(draft: Draft, setUp: SetUp): Promise<Draft> {
  const { options, questions, write } = setUp;
  return decide(draft, setUp, {
    name: "PUBLIC_URL",
    option: "--public-url",
    given: options.publicUrl,
    async ask() {
      if (draft.environment() !== "production") return "";
      write("At which address do visitors reach this server, such as https://chat.example.com?\n");
      const typed = (await questions?.ask("Address (Enter: not known yet)")) ?? "";
      return typed === "" || typed.includes("://") ? typed : `https://${typed}`;
    },
  });
}

/**
 * The dashboard gets a password: the owner's, or one that is made.
 * @param made the password that is taken if the owner gives none
 */
export async function decidePassword(draft: Draft, setUp: SetUp, made: string): Promise<Draft> {
  const { options, questions, write } = setUp;
  const decided = await decide(draft, setUp, {
    name: "DASHBOARD_PASSWORD_FILE",
    option: "--password-file",
    given: options.passwordFile,
  });
  const name = "DASHBOARD_PASSWORD";
  if (decided.value(name) !== undefined) return decided;
  return decide(decided, setUp, {
    name,
    option: name,
    given: questions === undefined ? made : undefined,
    async ask() {
      for (;;) {
        const typed = await questions?.askSecret("Password of the dashboard (Enter: one is made)");
        if (!typed) return made;
        const isRefused = decided.problemWith(name, typed) !== undefined;
        if (isRefused || typed === (await questions?.askSecret("The same again"))) return typed;
        write("  These were two different passwords.\n");
      }
    },
  });
}

/** Addresses of pages as origins: people copy them from the browser, path and all, or leave https:// out. */
function toOrigins(text: string): string {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.map((entry) => toOrigin(entry)).join(",");
}

function toOrigin(entry: string): string {
  if (entry === "*") return entry;
  const scheme = /^(?:localhost|127\.|\[?::1)/i.test(entry) ? "http" : "https";
  const whole = entry.includes("://") ? entry : `${scheme}://${entry}`;
  return /^https?:\/\/[^/?#]+/i.exec(whole)?.[0] ?? whole;
}
