import type { AssistantSettings } from "./assistant.ts";
import type { DatabaseSettings } from "./database.ts";
import type { KeySettings } from "./keys.ts";
import type { LimitSettings } from "./limits.ts";
import type { ModelServerSettings } from "./model.ts";
import type { OriginSettings } from "./origins.ts";
import type { ServerSettings } from "./server.ts";
import type { TurnSettings } from "./turns.ts";

/** Every setting of the server, validated and frozen (contract section 1). */
export interface Config
  extends
    ServerSettings,
    DatabaseSettings,
    ModelServerSettings,
    AssistantSettings,
    TurnSettings,
    KeySettings,
    OriginSettings,
    LimitSettings {}

/** Values that must never be shown or logged. */
export function secretsOf(config: Config): string[] {
  const modelSecrets = config.model.kind === "openai" ? config.model.secrets : [];
  const secrets = [...config.widgetApiKeys, ...config.adminApiKeys, ...config.metricsKeys];
  return [...secrets, config.dashboardPassword, ...modelSecrets].filter(
    (secret) => secret !== undefined,
  );
}
