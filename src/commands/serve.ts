import { createApp } from "../app.ts";
import { adviseOn } from "../config/advice.ts";
import { localUrl } from "../config/server.ts";
import { offerClaim } from "../dashboard/claim.ts";
import { warnOfUnknownName } from "../model/unknown-name.ts";
import { openParts } from "../parts.ts";
import { derived } from "../runtime/derived.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ServiceManager } from "../runtime/service-manager.ts";
import { VERSION } from "../runtime/version.ts";
import { endWhatWasCutOff, startUpkeep } from "./background-work.ts";
import { banner } from "./banner.ts";
import { notifySocket, programWith } from "./environment.ts";
import { listen } from "./listen.ts";
import { startIsOver } from "./runtime.ts";
import { createServerLog } from "./server-log.ts";
import { settingSources } from "./settings.ts";
import { firstSignal } from "./stop-signal.ts";

/** How long clients have to read the last events at shutdown. */
const LAST_BYTES_MS = 1000;

/** Runs the server until a signal ends it. */
export async function serve(): Promise<number> {
  const sources = settingSources();
  const { config: fixed, environmentReason, advice } = sources.load({});
  const { log, hide } = createServerLog(fixed);
  const searchCommand = (file: string) => programWith("search", file);
  const manager = await findServiceManager(log);
  const onBeat = manager && (() => manager.beat());
  const opened = await openParts(sources, { log, advice, searchCommand, onBeat });
  const { parts, vectors, close } = opened;
  const { store, model, settings, outbox } = parts;
  const { config } = settings;
  hide(config);
  config.onChange(() => hide(config));
  await endWhatWasCutOff(parts);

  const claim =
    config.keys.dashboardPassword === undefined ? await offerClaim(store, Date.now()) : undefined;
  const { app, chat } = createApp(parts);
  await outbox.sync();
  // Installed before the server listens, so that an early signal is not missed.
  const stopSignal = firstSignal();
  listen(app, config);
  manager?.ready();
  process.stderr.write(
    banner({
      config,
      environmentReason,
      version: VERSION,
      url: localUrl(config.server.host, app.server?.port ?? config.server.port),
      modelName: model().name,
      claimToken: claim?.token,
      advice: adviseOn({ config, advice }),
    }),
  );
  const checkName = derived(
    () => config.model,
    (named) => void warnOfUnknownName(named, log),
  );
  config.onChange(checkName);
  config.onChange(() => log.info("settings changed", { version: settings.version }));
  const upkeep = startUpkeep(parts);
  config.onChange(() => void outbox.sync());
  parts.learner.start();
  vectors.start();
  startIsOver();

  const signal = await stopSignal;
  manager?.stopping();
  log.info("shutting down", { signal, runningTurns: chat.runningTurns });
  const background = [...upkeep, parts.learner, outbox, vectors];
  const lastSteps = Promise.all(background.map((each) => each.stop()));
  await chat.drain(config.server.shutdownGraceMs, config.server.drainDelayMs);
  // A client that does not read the last bytes must not delay the shutdown.
  await Promise.race([app.server?.stop(), Bun.sleep(LAST_BYTES_MS)]);
  await lastSteps;
  await claim?.withdraw();
  await close();
  return 0;
}

/** What started this server, where it wants to hear how the server is doing. */
async function findServiceManager(log: Logger): Promise<ServiceManager | undefined> {
  const socket = notifySocket();
  if (socket === undefined) return undefined;
  try {
    // Loaded here, because other servers do not need it.
    const { ServiceManager } = await import("../runtime/service-manager.ts");
    return new ServiceManager(socket);
  } catch (error) {
    log.warn("systemd cannot be told that the server runs", { reason: String(error) });
    return undefined;
  }
}
