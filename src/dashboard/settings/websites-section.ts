import { isLoopback } from "../../net/loopback.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { RefusedOrigins } from "../../settings/refused-origins.ts";
import { Websites } from "../../settings/websites.ts";
import { toSubmitted } from "./entry.ts";
import {
  NOTHING_DONE,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";
import { WEBSITE_FIELD, websitesBody } from "./websites-page.ts";

interface WebsitesSectionDeps {
  readonly settings: OwnerSettings;
  readonly refused: Pick<RefusedOrigins, "list" | "forget">;
}

/** The setting that has the websites. */
const NAME = "CORS_ORIGIN";

/** The websites that may use the chat, and those that have asked in vain. */
export function createWebsitesSection({ settings, refused }: WebsitesSectionDeps): SettingsSection {
  const websites = new Websites(settings);

  async function allow({ fields, by }: SubmittedForm): Promise<Submitted> {
    const website = toWebsite(fields[WEBSITE_FIELD] ?? "");
    if (website === "") return wrong("Enter the address of a website.");
    const before = websites.list();
    if (before.includes(website)) return { kind: "done", says: "unchanged" };
    const outcome = await websites.allow(website, by);
    if (outcome.kind === "changed") return { kind: "done", says: "allowed" };
    const isOurs = outcome.kind === "refused" && outcome.problems.some(({ name }) => name === NAME);
    const isLocked = settings.list().some(({ name, lock }) => name === NAME && lock !== undefined);
    return isOurs && !isLocked ? wrong(NO_WEBSITE) : toSubmitted(outcome);
  }

  async function remove({ fields, by }: SubmittedForm): Promise<Submitted> {
    const outcome = await websites.remove(fields[WEBSITE_FIELD] ?? "", by);
    return outcome.kind === "changed" ? { kind: "done", says: "removed" } : toSubmitted(outcome);
  }

  return {
    id: "websites",
    name: "Websites",
    fieldNames: [WEBSITE_FIELD, NAME],
    async body(view) {
      return websitesBody(view, {
        websites: websites.list(),
        isOpen: settings.config.origins.allowed === "*",
        refused: await refused.list(),
        lock: settings.list().find(({ name }) => name === NAME)?.lock,
        problem: view.problems.get(WEBSITE_FIELD) ?? view.problems.get(NAME),
      });
    },
    async submit(form) {
      switch (form.fields.action) {
        case "allow":
          return allow(form);
        case "remove":
          return remove(form);
        case "forget":
          await refused.forget(form.fields[WEBSITE_FIELD] ?? "");
          return { kind: "done", says: "forgotten" };
        default:
          return NOTHING_DONE;
      }
    },
  };
}

const NO_WEBSITE =
  "This is not the address of a website. Write it as in the browser, such as https://www.example.com.";

function wrong(problem: string): Submitted {
  return { kind: "again", status: 400, problems: new Map([[WEBSITE_FIELD, problem]]) };
}

/** What an owner types or pastes, as an origin: with a scheme, and without a path. */
function toWebsite(typed: string): string {
  const text = typed.trim();
  const isBare = text !== "" && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const address = isBare ? `${isOnThisMachine(text) ? "http" : "https"}://${text}` : text;
  // A star stands for every subdomain, and the scheme of an app is not one that URL knows.
  if (address.includes("*") || !/^https?:/i.test(address) || !URL.canParse(address)) {
    return address.replace(/\/+$/, "");
  }
  return new URL(address).origin;
}

function isOnThisMachine(text: string): boolean {
  return URL.canParse(`http://${text}`) && isLoopback(new URL(`http://${text}`).hostname);
}
