import { parseIpAddress } from "../net/ip-address.ts";
import { isLoopback } from "../net/loopback.ts";
import { type OriginPattern, originText } from "../net/origin.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { Config } from "./config.ts";
import { type DatabaseSettings, SCARCE_SHARE } from "./database.ts";
import { DEVELOPMENT_KEY_PREFIX } from "./keys.ts";
import { isReported, missingSettings } from "./notice-gaps.ts";
import { passwordProblem } from "./password.ts";
import { isSharedDomain } from "./shared-domains.ts";
import { tooSmallBudget } from "./spending-gaps.ts";
import { hasBudget } from "./spending.ts";

/** Something that an owner should know or change. The start, the dashboard and the doctor all show it. */
export interface Advice {
  /** Never changes, so that tests and code can refer to one kind of advice. */
  readonly id: string;
  /** `warning`: somebody can do harm, or something does not work. `hint`: useful to know. */
  readonly severity: "warning" | "hint";
  /** A sentence that states the facts. It never contains a secret. */
  readonly says: string;
  /** A sentence that says what to do. */
  readonly mend: string;
}

export interface Situation {
  readonly config: Config;
  /** Advice from reading the settings (LoadedConfig.advice). */
  readonly advice?: readonly Advice[];
  /** Whether nearly all requests come through a proxy that is not in TRUST_PROXY. Known while the server runs. */
  readonly hasUntrustedProxy?: boolean;
  /** When the provider shuts the model down, in milliseconds since the epoch. Missing: not known. */
  readonly modelEndsAt?: number | undefined;
  /** Milliseconds since the epoch; needed with modelEndsAt. */
  readonly now?: number;
  /** The finished share of the search index, from 0 to 1. Some updates rebuild it, which takes a while. */
  readonly searchBuiltShare?: number;
  /** The used share of MAX_DATABASE_MB: 1 is full, and it can be more. Known while the server runs. */
  readonly databaseShare?: number;
  /** How many servers share the database. Known while the server runs. */
  readonly replicaCount?: number;
  /** The address that visitors use, if it is known from another source than PUBLIC_URL. */
  readonly address?: string | undefined;
}

/** Checks one thing. Returns undefined when it is fine. */
type Judge = (situation: Situation) => Advice | undefined;

/** All advice for the situation, the worst first. */
export function adviseOn(situation: Situation): Advice[] {
  const own = JUDGES.map((judge) => judge(situation)).filter((each) => each !== undefined);
  const all = [...own, ...(situation.advice ?? [])];
  return [...all.filter(isWarning), ...all.filter((each) => !isWarning(each))];
}

function isWarning({ severity }: Advice): boolean {
  return severity === "warning";
}

const JUDGES: readonly Judge[] = [
  databaseFills,
  modelEnds,
  untrustedProxy,
  httpsInDevelopment,
  openInDevelopment,
  weakPassword,
  anyOrigin,
  sharedDomain,
  plainOrigin,
  memoryDatabase,
  developmentKey,
  modelOff,
  budgetTooSmall,
  budgetWithoutProof,
  demoModel,
  noModel,
  noWebsite,
  incompleteChannel,
  unreportedRequests,
  noPublicUrl,
  httpsOnWholeDomain,
  adminApiOff,
  noDrainDelay,
  searchRebuilds,
];

interface FilledDatabase {
  /** Missing: the database is a file. */
  readonly config?: { readonly database: Pick<DatabaseSettings, "url"> };
  readonly databaseShare?: number;
}

/** Advice on a database that is nearly full. */
export function databaseFills({ config, databaseShare = 0 }: FilledDatabase): Advice | undefined {
  if (databaseShare < SCARCE_SHARE) return undefined;
  const percent = Math.floor(databaseShare * 100);
  return {
    id: "database-fills",
    severity: "warning",
    says:
      databaseShare >= 1
        ? "The database has reached MAX_DATABASE_MB, so new questions are refused."
        : `The database uses ${percent} % of MAX_DATABASE_MB. At 100 %, new questions are refused.`,
    mend:
      config?.database.url === undefined
        ? "Delete conversations or set RETENTION_DAYS, or raise MAX_DATABASE_MB if the disk has room."
        : "Raise MAX_DATABASE_MB if its disk has room. PostgreSQL uses the space of deleted conversations again, and gives it back with VACUUM FULL.",
  };
}

export function searchRebuilds({
  searchBuiltShare = 1,
}: Pick<Situation, "searchBuiltShare">): Advice | undefined {
  if (searchBuiltShare >= 1) return undefined;
  return {
    id: "search-rebuilds",
    severity: "hint",
    says: `The search index is being rebuilt, the newest messages first: ${Math.floor(searchBuiltShare * 100)}% is done.`,
    mend: "You need not do anything. Until then, a search says how many messages it looked at.",
  };
}

/** Enough time to try another model and change the setting. */
const MODEL_ENDS_SOON_DAYS = 90;

function modelEnds({ config: { model }, modelEndsAt, now = 0 }: Situation): Advice | undefined {
  if (model.kind !== "openai" || modelEndsAt === undefined) return undefined;
  const days = Math.ceil((modelEndsAt - now) / DAY_MS);
  if (days > MODEL_ENDS_SOON_DAYS) return undefined;
  const date = new Date(modelEndsAt).toISOString().slice(0, 10);
  const left = days === 1 ? "in 1 day" : `in ${days} days`;
  return {
    id: "model-ends",
    severity: "warning",
    says:
      days > 0
        ? `${model.name} is shut down by its provider on ${date}, ${left}.`
        : `${model.name} was shut down by its provider on ${date}.`,
    mend: "Set OPENAI_MODEL to the successor that its provider names.",
  };
}

function untrustedProxy({ hasUntrustedProxy }: Situation): Advice | undefined {
  if (!hasUntrustedProxy) return undefined;
  return {
    id: "untrusted-proxy",
    severity: "warning",
    says: "Nearly all requests come through a proxy that is not trusted: all visitors share its rate limit.",
    mend: "Make sure that nobody can reach the server's port without the proxy. Then set TRUST_PROXY.",
  };
}

function httpsInDevelopment({ config, address }: Situation): Advice | undefined {
  const url = address ?? config.server.publicUrl;
  if (config.server.environment === "production" || !url?.startsWith("https://")) return undefined;
  return {
    id: "https-in-development",
    severity: "warning",
    says: `An https address is served with NODE_ENV=${config.server.environment}: settings are not checked as strictly, and /metrics may be open to everybody.`,
    mend: "Set NODE_ENV=production.",
  };
}

function openInDevelopment({ config }: Situation): Advice | undefined {
  if (config.server.environment === "production" || isLoopback(config.server.host))
    return undefined;
  return {
    id: "open-in-development",
    severity: "warning",
    says: `Other machines reach this server (HOST), and NODE_ENV is ${config.server.environment}: settings are not checked as strictly.`,
    mend: "Set NODE_ENV=production, or remove HOST.",
  };
}

function weakPassword({ config }: Situation): Advice | undefined {
  const problem = config.keys.dashboardPassword && passwordProblem(config.keys.dashboardPassword);
  if (!problem) return undefined;
  return {
    id: "weak-password",
    severity: "warning",
    says: `DASHBOARD_PASSWORD ${problem}. Production refuses it.`,
    mend: "Set another one, for example from: openssl rand -base64 24",
  };
}

function anyOrigin({ config }: Situation): Advice | undefined {
  if (config.origins.allowed !== "*") return undefined;
  return {
    id: "any-origin",
    severity: "warning",
    says: "Every website may use this server: CORS_ORIGIN is *. Production refuses that.",
    mend: "Name your websites in the dashboard, under Settings, or set CORS_ORIGIN=https://www.example.com",
  };
}

function sharedDomain({ config }: Situation): Advice | undefined {
  const shared = originsOf(config).find(
    (origin) => origin.kind === "subdomains" && isSharedDomain(origin.suffix.slice(1)),
  );
  if (shared?.kind !== "subdomains") return undefined;
  return {
    id: "shared-domain",
    severity: "warning",
    says: `CORS_ORIGIN has ${originText(shared)}, where anybody can have a website.`,
    mend: `Name your own website under ${shared.suffix.slice(1)} instead.`,
  };
}

function plainOrigin({ config }: Situation): Advice | undefined {
  if (config.server.environment !== "production") return undefined;
  const plain = originsOf(config).find((origin) => isPlain(origin));
  if (plain === undefined) return undefined;
  return {
    id: "plain-origin",
    severity: "warning",
    says: `CORS_ORIGIN has ${originText(plain)}: on the way to a visitor, anybody can change that website and use this server from it.`,
    mend: "Serve the website over https, and name that address.",
  };
}

function isPlain(origin: OriginPattern): boolean {
  if (origin.kind === "subdomains") return origin.scheme === "http://";
  return origin.origin.startsWith("http://") && !isLoopback(new URL(origin.origin).hostname);
}

function originsOf({ origins }: Config): readonly OriginPattern[] {
  return origins.allowed === "*" ? [] : origins.allowed;
}

function memoryDatabase({ config }: Situation): Advice | undefined {
  if (config.database.url !== undefined || config.database.path !== ":memory:") return undefined;
  return {
    id: "memory-database",
    severity: "warning",
    says: "DATABASE_PATH is :memory:. Every conversation is lost when the server stops.",
    mend: "Name a file.",
  };
}

function developmentKey({ config }: Situation): Advice | undefined {
  if (!config.keys.widget.some((key) => key.startsWith(DEVELOPMENT_KEY_PREFIX))) return undefined;
  return {
    id: "development-key",
    severity: "hint",
    says: "The widget key was made for development.",
    mend: "Set WIDGET_API_KEY.",
  };
}

function modelOff({ config }: Situation): Advice | undefined {
  if (config.spending.isModelOn) return undefined;
  return {
    id: "model-off",
    severity: "warning",
    says: "The model is switched off (MODEL_CALLS), so no questions are answered.",
    mend: "Switch it on in the dashboard, Settings, Spending, or set MODEL_CALLS=on.",
  };
}

function budgetTooSmall({ config }: Situation): Advice | undefined {
  const name = tooSmallBudget(config);
  if (name === undefined) return undefined;
  return {
    id: "budget-too-small",
    severity: "warning",
    says: `${name} is less than what a single answer may cost, so no questions are answered.`,
    mend: "Raise it, or lower MAX_OUTPUT_TOKENS.",
  };
}

function budgetWithoutProof({
  config: { proof, server, spending },
}: Situation): Advice | undefined {
  if (!hasBudget(spending) || proof.mode !== "off") return undefined;
  if (server.environment !== "production") return undefined;
  return {
    id: "budget-without-proof",
    severity: "hint",
    says: "With PROOF_OF_WORK=off, somebody with many addresses can use up the budget, and then nobody is answered.",
    mend: "Leave PROOF_OF_WORK out: it is on while there is a budget. Your own programs pass with PROGRAM_API_KEY.",
  };
}

function demoModel({ config }: Situation): Advice | undefined {
  if (config.model.kind !== "demo") return undefined;
  return {
    id: "demo-model",
    severity: "hint",
    says: "The demo model answers.",
    mend: "Choose a model in the dashboard, under Settings, or set OPENAI_API_KEY or OPENAI_BASE_URL.",
  };
}

function noModel({ config }: Situation): Advice | undefined {
  if (config.model.kind !== "none") return undefined;
  return {
    id: "no-model",
    severity: "warning",
    says: "No model is set up, so every question is refused.",
    mend: "Choose one in the dashboard, under Settings, or set OPENAI_API_KEY, or OPENAI_BASE_URL to the address of any server with OpenAI's API.",
  };
}

function noWebsite({ config }: Situation): Advice | undefined {
  if (config.origins.allowed === "*" || config.origins.allowed.length > 0) return undefined;
  return {
    id: "no-website",
    severity: "warning",
    says: "No website is named, so none may use this server.",
    mend: "Name your websites in the dashboard, under Settings, or set CORS_ORIGIN=https://www.example.com",
  };
}

function incompleteChannel({ config: { notices } }: Situation): Advice | undefined {
  const missing = missingSettings(notices);
  if (missing.length === 0) return undefined;
  return {
    id: "incomplete-channel",
    severity: "warning",
    says: `Some notices are not sent, because ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set.`,
    mend: "Set it here or under Settings › Notices, or remove what belongs to it.",
  };
}

function unreportedRequests({ config: { people, notices } }: Situation): Advice | undefined {
  if (people.person === "off" || isReported("handoff.requested", notices)) return undefined;
  return {
    id: "unreported-requests",
    severity: "hint",
    says: "Visitors can ask for a person, and only the dashboard shows it.",
    mend: "Set up mail, ntfy, Telegram or a webhook under Settings › Notices, with the event handoff.requested.",
  };
}

function noPublicUrl({ config }: Situation): Advice | undefined {
  if (config.server.publicUrl !== undefined || config.server.environment !== "production")
    return undefined;
  return {
    id: "no-public-url",
    severity: "hint",
    says: "PUBLIC_URL is not set: the dashboard's script tag names the address that you opened, and its preview cannot chat unless that address is one of your websites.",
    mend: "Set PUBLIC_URL to the address that visitors use.",
  };
}

function httpsOnWholeDomain({ config, address }: Situation): Advice | undefined {
  const url = address ?? config.server.publicUrl;
  if (config.server.environment !== "production" || config.server.hsts !== "subdomains")
    return undefined;
  if (!url?.startsWith("https://")) return undefined;
  const { hostname } = new URL(url);
  const above = hostname.slice(hostname.indexOf(".") + 1);
  const isMainDomain = !above.includes(".") || isSharedDomain(above);
  if (!isMainDomain || parseIpAddress(hostname) !== undefined) return undefined;
  return {
    id: "https-on-whole-domain",
    severity: "hint",
    says: `Browsers that have visited ${hostname} use only https for a year, on every subdomain too.`,
    mend: "If a subdomain has no https, set HSTS=host.",
  };
}

function adminApiOff({ config }: Situation): Advice | undefined {
  if (config.keys.admin.length > 0) return undefined;
  return {
    id: "admin-api-off",
    severity: "hint",
    says: "The admin API is off.",
    mend: "Set ADMIN_API_KEY to read conversations with it, and to let the doctor check the proxy.",
  };
}

interface Replicas {
  readonly config: Pick<Config, "server">;
  readonly replicaCount?: number;
}

/** Advice on replicas that stop before their balancer knows. */
export function noDrainDelay({ config, replicaCount = 0 }: Replicas): Advice | undefined {
  if (replicaCount < 2 || config.server.drainDelayMs > 0) return undefined;
  return {
    id: "no-drain-delay",
    severity: "hint",
    says: "DRAIN_DELAY_MS is 0: while a replica stops, the balancer still sends it questions, which it refuses.",
    mend: "Set DRAIN_DELAY_MS to the time of two of the balancer's checks, such as 2000.",
  };
}
