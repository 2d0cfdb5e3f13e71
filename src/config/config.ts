import type { AssistantSettings } from "./assistant.ts";
import type { CalendarSettings } from "./calendar.ts";
import { databaseSecrets, type DatabaseSettings } from "./database.ts";
import type { KeySettings } from "./keys.ts";
import type { KnowledgeSettings } from "./knowledge.ts";
import type { LimitSettings } from "./limits.ts";
import type { LogSettings } from "./log.ts";
import type { ModelSettings } from "./model.ts";
import { noticeSecrets, type NoticeSettings } from "./notices.ts";
import type { OriginSettings } from "./origins.ts";
import type { PeopleSettings } from "./people.ts";
import type { ProofSettings } from "./proof.ts";
import type { RedactionSettings } from "./redaction.ts";
import { replicaSecrets, type ReplicaSettings } from "./replicas.ts";
import type { ServerSettings } from "./server.ts";
import type { SpendingSettings } from "./spending.ts";
import type { TurnSettings } from "./turns.ts";
import type { WidgetSettings } from "./widget.ts";

/** Every setting, in groups, validated and frozen (contract section 1). Code takes only the groups it needs. */
export interface Config {
  readonly server: ServerSettings;
  readonly database: DatabaseSettings;
  readonly replicas: ReplicaSettings;
  readonly model: ModelSettings;
  readonly assistant: AssistantSettings;
  readonly knowledge: KnowledgeSettings;
  readonly turns: TurnSettings;
  readonly keys: KeySettings;
  readonly origins: OriginSettings;
  readonly limits: LimitSettings;
  readonly spending: SpendingSettings;
  readonly proof: ProofSettings;
  readonly redaction: RedactionSettings;
  readonly widget: WidgetSettings;
  readonly people: PeopleSettings;
  readonly notices: NoticeSettings;
  readonly calendar: CalendarSettings;
  readonly log: LogSettings;
}

/** Values that must never be shown or logged. */
export function secretsOf({
  keys,
  model,
  knowledge,
  database,
  replicas,
  notices,
}: Pick<Config, "keys" | "model" | "knowledge" | "database" | "replicas" | "notices">): string[] {
  const modelSecrets = model.kind === "openai" ? model.secrets : [];
  const secrets = [...keys.widget, ...keys.program, ...keys.admin, ...keys.metrics];
  const servers = [...databaseSecrets(database), ...replicaSecrets(replicas)];
  return [
    ...secrets,
    keys.dashboardPassword,
    ...modelSecrets,
    ...knowledge.embedding.secrets,
    ...servers,
    ...noticeSecrets(notices),
  ].filter((secret) => secret !== undefined);
}
