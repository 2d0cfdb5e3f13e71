import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { redisPlace } from "../config/replicas.ts";
import { localUrl } from "../config/server.ts";
import type { NoticeChannel } from "../conversation/notice-kinds.ts";
import type { EmbeddingModel } from "../model/embedding-model.ts";
import type { ChatModel } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import type { BusState } from "../peers/bus-state.ts";
import type { DatabaseServerState } from "../store/database-server-state.ts";
import type { SourceSummary } from "../store/knowledge-store.ts";
import type { ServerReport } from "../store/server-report.ts";
import type { DatabaseState } from "../store/store.ts";
import { checkBus } from "./bus.ts";
import { judgeDatabaseServer } from "./database-server.ts";
import { checkDatabase } from "./database.ts";
import { checkDisk } from "./disk.ts";
import { checkEmbeddings } from "./embeddings.ts";
import { examineAddress } from "./examine-address.ts";
import { judgeKnowledge } from "./knowledge.ts";
import { checkModel } from "./model.ts";
import { checkNotices } from "./notices.ts";
import { judgeReplicas } from "./replicas.ts";
import { Report } from "./report.ts";
import { checkSettings } from "./settings.ts";

interface Examination {
  readonly settings: LoadedConfig | ConfigError;
  /** The address at which visitors reach the server. Undefined: PUBLIC_URL is used. */
  readonly url: string | undefined;
  /** How long the idle stream is silent. */
  readonly idleSeconds: number;
  readonly inspectDatabase: (path: string) => Promise<DatabaseState>;
  readonly inspectServers: InspectServers;
  /** Undefined where there is nothing to look at. */
  readonly inspectKnowledge: (
    database: Config["database"],
  ) => Promise<readonly SourceSummary[] | undefined>;
  readonly createModel: (config: Config, notify: Notify) => Promise<ChatModel>;
  /** Undefined while none is set, or no server is known for it. */
  readonly createEmbeddings: (config: Config) => EmbeddingModel | undefined;
  /** Looks whether the receiver of a channel of notices is there. Throws DeliveryError where it is not. */
  readonly probeChannel: (
    config: Config,
    name: NoticeChannel,
    signal: AbortSignal,
  ) => Promise<string>;
  /** Makes requests to the host bypass any proxy that the environment names. */
  readonly connectDirectly: (host: string) => void;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Looks at the servers that replicas share. */
interface InspectServers {
  readonly probeDatabase: (url: string, connections: number) => Promise<ServerReport>;
  readonly inspectDatabase: (url: string) => Promise<DatabaseServerState>;
  readonly inspectBus: (url: string) => Promise<BusState>;
}

/** Runs every check. A server may be running. @returns whether nothing is wrong */
export async function examine(examination: Examination): Promise<boolean> {
  const { settings } = examination;
  const report = new Report(examination);
  report.add(checkSettings(settings, examination.url));
  if (!(settings instanceof ConfigError)) {
    await examineMachine(report, settings.config, examination);
    await examineAddress(report, settings.config, addressOf(report, settings.config, examination));
  }
  report.end();
  return report.isContent;
}

async function examineMachine(
  report: Report,
  config: Config,
  examination: Examination,
): Promise<void> {
  const { inspectDatabase, inspectServers, inspectKnowledge, now } = examination;
  const { createModel, createEmbeddings, probeChannel } = examination;
  const { path, url, maxBytes } = config.database;
  if (url === undefined) {
    await report.waitFor("database", "reading the database", () =>
      checkDatabase(path, inspectDatabase, maxBytes),
    );
    await report.waitFor("disk", "looking at the disk", async () => checkDisk(path));
  } else {
    await examineServers(report, config, url, inspectServers);
  }
  await report.waitFor("knowledge", "looking at what the bot knows", async () =>
    judgeKnowledge((await inspectKnowledge(config.database)) ?? [], config),
  );
  await report.waitFor("model", "asking the model", () =>
    checkModel((notify) => createModel(config, notify), config, now()),
  );
  await report.waitFor("embeddings", "asking the model for embeddings", () =>
    checkEmbeddings(createEmbeddings(config), config.knowledge.embedding),
  );
  await report.waitFor("notices", "looking where notices are sent", () =>
    checkNotices(config, (name, signal) => probeChannel(config, name, signal)),
  );
}

/** Checks what replicas share in the place of a file: PostgreSQL, and Redis if there is one. */
async function examineServers(
  report: Report,
  config: Config,
  url: string,
  { probeDatabase, inspectDatabase, inspectBus }: InspectServers,
): Promise<void> {
  const { maxBytes, connections } = config.database;
  await report.waitFor("database", "looking at PostgreSQL and its replicas", async () => {
    const found = await probeDatabase(url, connections);
    const state = found.fault === undefined ? await inspectDatabase(url) : undefined;
    return [
      ...judgeDatabaseServer({ url, maxBytes, report: found, state }),
      ...(state ? judgeReplicas(state.replicas, config) : []),
    ];
  });
  const { redisUrl } = config.replicas;
  if (redisUrl === undefined) return;
  await report.waitFor("Redis", "asking Redis", () =>
    checkBus(redisPlace(redisUrl), () => inspectBus(redisUrl)),
  );
}

function addressOf(
  report: Report,
  config: Config,
  { url, idleSeconds, now, connectDirectly }: Examination,
) {
  const address =
    url ?? config.server.publicUrl ?? localUrl(config.server.host, config.server.port);
  if (url === undefined && config.server.publicUrl === undefined) {
    report.add({
      mark: "warning",
      subject: "address",
      says: `no public address is known, so ${address} was checked instead`,
      mend: "Set PUBLIC_URL, or give the address that visitors use: chatporch doctor --url https://chat.example.com",
    });
  }
  connectDirectly(new URL(address).hostname);
  return { url: address, idleSeconds, now };
}
