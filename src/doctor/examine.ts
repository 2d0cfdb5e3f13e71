import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { localUrl } from "../config/server.ts";
import type { ChatModel } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import type { DatabaseState } from "../store/store.ts";
import { VERSION } from "../version.ts";
import { checkCors } from "./cors.ts";
import { checkDatabase } from "./database.ts";
import { checkDisk } from "./disk.ts";
import { checkModel } from "./model.ts";
import { checkPages } from "./pages.ts";
import { PublicServer, UnreachableError } from "./public-server.ts";
import { type Finding, Report } from "./report.ts";
import { checkSettings } from "./settings.ts";
import { checkBuffering, checkIdle } from "./streaming.ts";
import { checkHsts, checkTls } from "./tls.ts";
import { checkTrustProxy } from "./trust-proxy.ts";

export interface Examination {
  readonly settings: LoadedConfig | ConfigError;
  /** Where visitors reach the server; PUBLIC_URL when it is not said. */
  readonly url: string | undefined;
  /** How long a stream is kept silent. */
  readonly idleSeconds: number;
  readonly inspectDatabase: (path: string) => DatabaseState;
  readonly createModel: (config: Config, notify: Notify) => Promise<ChatModel>;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Runs every check, beside a running server. @returns whether nothing is wrong */
export async function examine(examination: Examination): Promise<boolean> {
  const { settings } = examination;
  const report = new Report(examination);
  report.add(checkSettings(settings, examination.url));
  if (!(settings instanceof ConfigError)) {
    await examineMachine(report, settings.config, examination);
    await examineAddress(report, settings.config, examination);
  }
  report.end();
  return report.isContent;
}

async function examineMachine(
  report: Report,
  config: Config,
  { inspectDatabase, createModel, now }: Examination,
): Promise<void> {
  const { databasePath } = config;
  await report.waitFor("reading the database", () => checkDatabase(databasePath, inspectDatabase));
  report.add(checkDisk(databasePath));
  await report.waitFor("asking the model", () =>
    checkModel((notify) => createModel(config, notify), config, now()),
  );
}

async function examineAddress(
  report: Report,
  config: Config,
  { url, idleSeconds, now }: Examination,
): Promise<void> {
  const address = url ?? config.publicUrl ?? localUrl(config.host, config.port);
  const server = new PublicServer(address, config.adminApiKeys[0]);
  if (url === undefined && config.publicUrl === undefined) report.add(noPublicUrl(address));
  await report.waitFor("looking at the certificate", () =>
    checkTls(server.url, config.environment, now()),
  );
  try {
    const headers = await server.reach();
    report.add(checkHsts(server.url, headers, config) ?? []);
    await report.waitFor("asking as browsers do", () => checkCors(server, config.corsOrigins));
    await report.waitFor("loading what browsers load", () => checkPages(server));
    if (server.canDiagnose) await diagnose(report, config, server, idleSeconds);
    else report.add(NO_ADMIN_KEY);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    report.add({ mark: "wrong", subject: "address", says: error.message, mend: error.mend });
  }
}

/** What only the owner is told. */
async function diagnose(
  report: Report,
  config: Config,
  server: PublicServer,
  idleSeconds: number,
): Promise<void> {
  const { base, url } = server;
  const seen = await server.seen();
  report.add(checkVersion(seen.version));
  report.add(checkTrustProxy({ seen, trustProxy: config.trustProxy, url }));
  if (seen.host !== url.host && config.publicUrl === undefined && config.dashboardPassword) {
    report.add({
      mark: "wrong",
      subject: "dashboard",
      says: `the proxy changes the Host header to ${seen.host}: the dashboard refuses its own forms`,
      mend: `Set PUBLIC_URL=${base}, or have the proxy pass Host on as it came.`,
    });
  }
  await report.waitFor("timing a stream", () => checkBuffering(server));
  if (idleSeconds === 0) return;
  await report.waitFor(`keeping a stream silent for ${idleSeconds} s`, () =>
    checkIdle(server, idleSeconds, config.heartbeatIntervalMs / 1000),
  );
}

function checkVersion(version: string): Finding {
  if (version === VERSION) return { mark: "ok", subject: "server", says: `chatporch ${version}` };
  return {
    mark: "warning",
    subject: "server",
    says: `chatporch ${version} is running, and this is ${VERSION}`,
    mend: "Restart the server to run the version that is installed.",
  };
}

function noPublicUrl(address: string): Finding {
  return {
    mark: "warning",
    subject: "address",
    says: `no public address is known; looked at ${address} instead`,
    mend: "Set PUBLIC_URL, or give the address that visitors use: chatporch doctor --url https://chat.example.com",
  };
}

const NO_ADMIN_KEY: Finding = {
  mark: "warning",
  subject: "proxy",
  says: "not looked at, nor streaming: the server tells only its owner what it saw",
  mend: "Set ADMIN_API_KEY, restart the server, and run this command again.",
};
