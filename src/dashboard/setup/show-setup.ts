import type { Advice } from "../../config/advice.ts";
import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { Sightings } from "../../http/sightings.ts";
import type { Peers } from "../../peers/peers.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { RefusedOrigins } from "../../settings/refused-origins.ts";
import type { StoreHealth } from "../../store/store.ts";
import type { Html } from "../html.ts";
import { publicAddress } from "../public-address.ts";
import type { Session } from "../session.ts";
import { readOptions } from "./options.ts";
import { setupPage } from "./setup-page.ts";

export interface SetupDeps {
  readonly config: Config;
  readonly link: Link;
  readonly store: Pick<StoreHealth, "sizeBytes">;
  readonly settings: Pick<OwnerSettings, "keys" | "lockOf">;
  readonly refused: Pick<RefusedOrigins, "list">;
  readonly sightings: Pick<Sightings, "list">;
  readonly peers: Pick<Peers, "replicas">;
  /** The advice for the owner, the worst first. */
  readonly advise: () => Promise<readonly Advice[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Reads what the setup page shows. `isRight` is false when one of the widget's options is not. */
export async function showSetup(
  deps: SetupDeps,
  request: Request,
  session: Session,
): Promise<{ readonly page: Html; readonly isRight: boolean }> {
  const { config, link, store, settings, refused, sightings, peers, advise, now } = deps;
  const query = new URL(request.url).searchParams;
  const { fields, problems } = readOptions(query);
  const page = setupPage({
    link,
    session,
    config,
    fields,
    problems,
    publicUrl: publicAddress(request, config.server),
    widgetKey: settings.keys.newest() ?? "",
    advice: await advise(),
    replicas: await peers.replicas(),
    databaseBytes: await store.sizeBytes(),
    site: query.get("site")?.trim() ?? "",
    seen: await sightings.list(),
    refused: await refused.list(),
    websitesLock: settings.lockOf("CORS_ORIGIN"),
    now: now(),
  });
  return { page, isRight: Object.keys(problems).length === 0 };
}
