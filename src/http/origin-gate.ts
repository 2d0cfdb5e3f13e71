import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { createOriginCheck, createOwnOriginCheck } from "../net/origin.ts";
import { derived } from "../runtime/derived.ts";
import type { Logger } from "../runtime/logger.ts";
import { HOUR_MS, MINUTE_MS } from "../runtime/time.ts";
import type { RefusedOrigins } from "../settings/refused-origins.ts";
import { LineBudget } from "./line-budget.ts";
import type { RateLimitBudget, RateLimiter } from "./rate-limiter.ts";
import { contextOf } from "./request-context.ts";
import type { Sightings } from "./sightings.ts";

interface OriginGateDeps {
  readonly config: Pick<Config, "server" | "origins">;
  readonly limiter: RateLimiter;
  readonly refused: Pick<RefusedOrigins, "note">;
  readonly sightings: Pick<Sightings, "note">;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Longer texts are not origins (scheme, host and port) and would waste space in the log. */
const MAX_LOGGED_ORIGIN_LENGTH = 300;
/** How many logged origins are remembered. Beyond that, the one logged longest ago is forgotten. */
const MAX_KNOWN_ORIGINS = 1000;
/** Anybody can invent origins. One address can log only so many, so that others are logged as well. */
const LOGGED_OF_ADDRESS: RateLimitBudget = { name: "origins", maxRequests: 10, windowMs: HOUR_MS };
const MAX_LINES_A_MINUTE = 60;

/** Decides which websites may use the server, and refuses the others. */
export class OriginGate {
  readonly #deps: OriginGateDeps;
  readonly #isListed;
  readonly #isOwn;
  /** When each refused origin was logged, in milliseconds since the epoch, oldest first. */
  readonly #loggedAt = new Map<string, number>();
  readonly #lines: LineBudget;

  constructor(deps: OriginGateDeps) {
    const { config } = deps;
    const { publicUrl, environment } = config.server;
    this.#deps = deps;
    this.#isListed = derived(() => config.origins.allowed, createOriginCheck);
    this.#isOwn = createOwnOriginCheck({ publicUrl, hasDemoPage: environment === "development" });
    this.#lines = new LineBudget({ max: MAX_LINES_A_MINUTE, windowMs: MINUTE_MS, now: deps.now });
  }

  isAllowed(origin: string, request: Request): boolean {
    const { path, area } = contextOf(request);
    if (this.#isOwn(origin, { path, url: request.url })) return true;
    if (area.isDashboard) return false;
    const isListed = this.#isListed()(origin);
    if (isListed) this.#deps.sightings.note(origin);
    return isListed || area.isForAll;
  }

  /** Notes the page that loads the widget's script. A script tag has no Origin, but most pages name themselves. */
  noteScript({ headers }: Request): void {
    const referer = headers.get("referer") ?? "";
    if (!URL.canParse(referer)) return;
    const { origin, host } = new URL(referer);
    const isOwn = host === headers.get("host");
    if (!isOwn && this.#isListed()(origin)) this.#deps.sightings.note(origin);
  }

  /** The refusal of a website that is not allowed. It is logged for the owner once an hour, and counted for him. */
  async refusal(origin: string, request: Request): Promise<AppError> {
    const shown = origin.slice(0, MAX_LOGGED_ORIGIN_LENGTH);
    if (!this.#isKnown(shown) && (await this.#mayLog(request))) {
      this.#remember(shown);
      this.#deps.log.warn("origin refused", { origin: shown });
    }
    // No website needs the dashboard's pages, and a part of an origin is another origin.
    const couldBeAllowed = !contextOf(request).area.isDashboard && shown === origin;
    if (couldBeAllowed && this.#isKnown(shown)) this.#deps.refused.note(origin);
    return new AppError("origin_not_allowed", { headers: { vary: "Origin" } });
  }

  #isKnown(origin: string): boolean {
    const agoMs = this.#deps.now() - (this.#loggedAt.get(origin) ?? Number.NEGATIVE_INFINITY);
    return Math.abs(agoMs) < HOUR_MS;
  }

  async #mayLog(request: Request): Promise<boolean> {
    const { networks } = contextOf(request);
    return (
      (await this.#deps.limiter.consume(LOGGED_OF_ADDRESS, networks)).isAllowed &&
      this.#lines.take()
    );
  }

  #remember(origin: string): void {
    this.#loggedAt.delete(origin);
    this.#loggedAt.set(origin, this.#deps.now());
    const [oldest] = this.#loggedAt.keys();
    if (this.#loggedAt.size > MAX_KNOWN_ORIGINS && oldest !== undefined) {
      this.#loggedAt.delete(oldest);
    }
  }
}
