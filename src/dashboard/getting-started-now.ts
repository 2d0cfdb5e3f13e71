import type { Config } from "../config/config.ts";
import type { Link } from "../http/link.ts";
import type { Sightings } from "../http/sightings.ts";
import { createOriginCheck } from "../net/origin.ts";
import type { OwnerSettings } from "../settings/owner-settings.ts";
import type { RefusedOrigins } from "../settings/refused-origins.ts";
import type { KnowledgeStore } from "../store/knowledge-store.ts";
import type { SetupFactStore } from "../store/setup-fact-store.ts";
import type { DailyFigures } from "../store/store.ts";
import { gettingStartedView, type NextStep, nextStep, nextStepOf } from "./getting-started-view.ts";
import { type Beginnings, stepsOf } from "./getting-started.ts";
import type { Content, Html } from "./html.ts";
import { isAtPublicAddress, publicAddress } from "./public-address.ts";
import type { Session } from "./session.ts";
import type { ModelTrials } from "./settings/model-trials.ts";
import { currentTag } from "./setup/script-tag.ts";

interface GettingStartedDeps {
  readonly config: Config;
  readonly link: Link;
  readonly settings: Pick<OwnerSettings, "keys" | "lockOf">;
  readonly store: SetupFactStore & Pick<KnowledgeStore, "knowledgeSize">;
  readonly trials: Pick<ModelTrials, "lastOf">;
  readonly sightings: Pick<Sightings, "list">;
  readonly refused: Pick<RefusedOrigins, "list">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How far the owner has come, at the time of a request. */
export class GettingStarted {
  readonly #deps: GettingStartedDeps;

  constructor(deps: GettingStartedDeps) {
    this.#deps = deps;
  }

  /** The list of steps, and which one is next. */
  async view(
    request: Request,
    session: Session,
    figures: readonly DailyFigures[],
  ): Promise<{ readonly list: Html; readonly next: NextStep | undefined }> {
    const { config, link, settings } = this.#deps;
    const beginnings = await this.#beginnings(request, figures);
    const attributes = [["data-api-key", settings.keys.newest() ?? ""]] as const;
    const tag = currentTag({ publicUrl: publicAddress(request, config.server), attributes });
    const canAllow = settings.lockOf("CORS_ORIGIN") === undefined;
    const steps = stepsOf(beginnings);
    const list = gettingStartedView({ link, session, steps, beginnings, tag, canAllow });
    return { list, next: nextStepOf(steps) };
  }

  /** A link to the next step, while there is one. */
  async next(request: Request, figures: readonly DailyFigures[]): Promise<Content> {
    return nextStep(this.#deps.link, stepsOf(await this.#beginnings(request, figures)));
  }

  async #beginnings(request: Request, figures: readonly DailyFigures[]): Promise<Beginnings> {
    const { config, store, trials, sightings, refused } = this.#deps;
    const isAllowed = createOriginCheck(config.origins.allowed);
    return {
      config,
      trial: await trials.lastOf(config.model),
      hasAnswered: figures.some(({ medianFirstTokenMs }) => medianFirstTokenMs !== undefined),
      hasAsked: figures.some(({ conversations }) => conversations > 0),
      knowsPages: (await store.knowledgeSize()).sections > 0,
      seen: (await sightings.list()).find(({ origin }) => isAllowed(origin)),
      refused: await refused.list(),
      isPublic: await this.#isPublic(request),
    };
  }

  /** A dashboard that was open at the public address once is not closed by a look from the machine itself. */
  async #isPublic(request: Request): Promise<boolean> {
    const { config, store, now } = this.#deps;
    const { publicUrl } = config.server;
    const facts = await store.listSetupFacts("address");
    if (facts.some(({ subject }) => publicUrl === undefined || subject === publicUrl)) return true;
    if (!isAtPublicAddress(request, config.server)) return false;
    const subject = publicAddress(request, config.server);
    // The next look finds out again what could not be stored.
    await store
      .noteSetupFact({ topic: "address", subject, text: "", at: now() })
      .catch(() => undefined);
    return true;
  }
}
