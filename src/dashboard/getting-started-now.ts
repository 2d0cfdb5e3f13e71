import type { Config } from "../config/config.ts";
import type { Link } from "../http/link.ts";
import type { Sightings } from "../http/sightings.ts";
import type { DailyFigures } from "../store/store.ts";
import { gettingStartedView, nextStep } from "./getting-started-view.ts";
import { type Beginnings, stepsOf } from "./getting-started.ts";
import type { Content, Html } from "./html.ts";
import { isAtPublicAddress, publicAddress } from "./public-address.ts";
import { currentTag } from "./script-tag.ts";
import type { ModelTrials } from "./settings/model-trials.ts";

interface GettingStartedDeps {
  readonly config: Config;
  readonly link: Link;
  readonly trials: Pick<ModelTrials, "lastOf">;
  readonly sightings: Pick<Sightings, "last">;
}

/** How far the owner has come, at the time of a request. */
export class GettingStarted {
  readonly #deps: GettingStartedDeps;
  /** A dashboard that was open at the public address once is not closed by a look from the machine itself. */
  #wasPublic = false;

  constructor(deps: GettingStartedDeps) {
    this.#deps = deps;
  }

  /** The list of steps. */
  view(request: Request, figures: readonly DailyFigures[]): Html {
    const { config, link } = this.#deps;
    const beginnings = this.#beginnings(request, figures);
    const attributes = [["data-api-key", config.keys.widget[0] ?? ""]] as const;
    const tag = currentTag({ publicUrl: publicAddress(request, config.server), attributes });
    return gettingStartedView({ link, steps: stepsOf(beginnings), beginnings, tag });
  }

  /** A link to the next step, while there is one. */
  next(request: Request, figures: readonly DailyFigures[]): Content {
    return nextStep(this.#deps.link, stepsOf(this.#beginnings(request, figures)));
  }

  #beginnings(request: Request, figures: readonly DailyFigures[]): Beginnings {
    const { config, trials, sightings } = this.#deps;
    this.#wasPublic ||= isAtPublicAddress(request, config.server);
    return {
      config,
      trial: trials.lastOf(config.model),
      hasAnswered: figures.some(({ medianFirstTokenMs }) => medianFirstTokenMs !== undefined),
      hasAsked: figures.some(({ conversations }) => conversations > 0),
      seen: sightings.last(),
      isPublic: this.#wasPublic,
    };
  }
}
