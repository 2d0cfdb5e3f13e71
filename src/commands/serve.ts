import { createApp } from "../app.ts";
import { adviseOn } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { DEVELOPMENT_KEY_PREFIX } from "../config/keys.ts";
import { localUrl } from "../config/server.ts";
import { offerClaim } from "../dashboard/claim.ts";
import { warnOfUnknownName } from "../model/unknown-name.ts";
import { openParts } from "../parts.ts";
import { randomText } from "../runtime/random-text.ts";
import { VERSION } from "../runtime/version.ts";
import { Retention } from "../store/retention.ts";
import { SearchRebuild } from "../store/search-rebuild.ts";
import type { SecretStore } from "../store/store.ts";
import { banner } from "./banner.ts";
import { programWith } from "./environment.ts";
import { listen } from "./listen.ts";
import { createServerLog } from "./server-log.ts";
import { readSettings } from "./settings.ts";
import { firstSignal } from "./stop-signal.ts";

/** How long clients have to read the last events at shutdown. */
const LAST_BYTES_MS = 1000;
/** HMAC-SHA-256 gains nothing from a longer key. */
const KEY_BYTES = 32;

/** Runs the server until a signal ends it. */
export async function serve(): Promise<number> {
  const { config: configured, environmentReason, advice } = readSettings();
  const log = createServerLog(configured);
  const searchCommand = (file: string) => programWith("search", file);
  const { parts, close } = await openParts(configured, { log, advice, searchCommand });
  const { store, loop, model } = parts;
  const interruptedTurns = await store.interruptUnfinishedTurns();
  if (interruptedTurns > 0) log.warn("found answers cut off by a crash", { interruptedTurns });

  const config = await withWidgetKey(configured, store);
  const claim =
    config.keys.dashboardPassword === undefined ? await offerClaim(store, Date.now()) : undefined;
  const { app, chat } = createApp(config, parts);
  // Installed before the server listens, so that an early signal is not missed.
  const stopSignal = firstSignal();
  listen(app, config);
  process.stderr.write(
    banner({
      config,
      environmentReason,
      version: VERSION,
      url: localUrl(config.server.host, app.server?.port ?? config.server.port),
      modelName: model.name,
      claimToken: claim?.token,
      advice: adviseOn({ config, advice }),
    }),
  );
  void warnOfUnknownName(config.model, log);
  const { retentionDays: days } = config.database;
  const retention = days ? new Retention({ store, days, loop, log, now: Date.now }) : undefined;
  const rebuild = new SearchRebuild({ store, loop, log });

  const signal = await stopSignal;
  log.info("shutting down", { signal, runningTurns: chat.runningTurns });
  const lastSteps = Promise.all([retention?.stop(), rebuild.stop()]);
  await chat.drain(config.server.shutdownGraceMs, config.server.drainDelayMs);
  // A client that does not read the last bytes must not delay the shutdown.
  await Promise.race([app.server?.stop(), Bun.sleep(LAST_BYTES_MS)]);
  await lastSteps;
  await claim?.withdraw();
  await close();
  return 0;
}

/** Without a configured widget key, the first start makes one and keeps it, so that pages go on working. */
async function withWidgetKey(config: Config, store: SecretStore): Promise<Config> {
  if (config.keys.widget.length > 0) return config;
  const isProduction = config.server.environment === "production";
  const name = isProduction ? "widget_key" : "development_widget_key";
  const prefix = isProduction ? "" : DEVELOPMENT_KEY_PREFIX;
  const widget = [await store.secret(name, () => `${prefix}${randomText(KEY_BYTES)}`)];
  return { ...config, keys: { ...config.keys, widget } };
}
