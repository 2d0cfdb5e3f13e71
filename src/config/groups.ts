import { ASSISTANT } from "./assistant.ts";
import { CALENDAR } from "./calendar.ts";
import type { Config } from "./config.ts";
import { DATABASE } from "./database.ts";
import { KEYS } from "./keys.ts";
import { KNOWLEDGE } from "./knowledge.ts";
import { LIMITS } from "./limits.ts";
import { LOG } from "./log.ts";
import { MODEL } from "./model.ts";
import { NOTICES } from "./notices.ts";
import { ORIGINS } from "./origins.ts";
import { PEOPLE } from "./people.ts";
import { PROOF } from "./proof.ts";
import { REDACTION } from "./redaction.ts";
import { REPLICAS } from "./replicas.ts";
import { SERVER } from "./server.ts";
import type { SettingGroup } from "./setting-group.ts";
import { SPENDING } from "./spending.ts";
import { TURNS } from "./turns.ts";
import { WIDGET } from "./widget.ts";

type Names = Pick<SettingGroup<never>, "shown" | "secrets" | "files">;

/** Every group of settings, in the order in which an owner reads them. */
export const GROUPS: { readonly [Name in keyof Config]: SettingGroup<Config[Name]> } = {
  server: SERVER,
  database: DATABASE,
  replicas: REPLICAS,
  model: MODEL,
  assistant: ASSISTANT,
  knowledge: KNOWLEDGE,
  turns: TURNS,
  keys: KEYS,
  origins: ORIGINS,
  limits: LIMITS,
  spending: SPENDING,
  proof: PROOF,
  redaction: REDACTION,
  widget: WIDGET,
  people: PEOPLE,
  notices: NOTICES,
  calendar: CALENDAR,
  log: LOG,
};

const ALL = Object.values(GROUPS);

/** The name of every setting. */
export const SETTING_NAMES: readonly string[] = ALL.flatMap((group) => namesOf(group));
export const SECRET_NAMES: readonly string[] = ALL.flatMap(({ secrets = [] }) => secrets);
/** The settings that the owner may change in the dashboard, where the environment does not set them. */
export const EDITABLE_NAMES: readonly string[] = ALL.flatMap(({ editable = [] }) => editable);

export function namesOf({ shown, secrets = [], files = [] }: Names): string[] {
  const fromFiles = [...secrets, ...files].map((name) => `${name}_FILE`);
  return [...Object.keys(shown), ...fromFiles];
}

export function isSettingName(name: string): boolean {
  return SETTING_NAMES.includes(name);
}

/** A current setting, safe to show: of a secret, it says only whether it is set. */
export interface ShownSetting {
  readonly name: string;
  readonly value: string;
}

export function settingsInForce(config: Config): ShownSetting[] {
  return [
    ...show(GROUPS.server, config.server),
    ...show(GROUPS.database, config.database),
    ...show(GROUPS.replicas, config.replicas),
    ...show(GROUPS.model, config.model),
    ...show(GROUPS.assistant, config.assistant),
    ...show(GROUPS.knowledge, config.knowledge),
    ...show(GROUPS.turns, config.turns),
    ...show(GROUPS.keys, config.keys),
    ...show(GROUPS.origins, config.origins),
    ...show(GROUPS.limits, config.limits),
    ...show(GROUPS.spending, config.spending),
    ...show(GROUPS.proof, config.proof),
    ...show(GROUPS.redaction, config.redaction),
    ...show(GROUPS.widget, config.widget),
    ...show(GROUPS.people, config.people),
    ...show(GROUPS.notices, config.notices),
    ...show(GROUPS.calendar, config.calendar),
    ...show(GROUPS.log, config.log),
  ];
}

function show<Settings>(group: SettingGroup<Settings>, settings: Settings): ShownSetting[] {
  return Object.entries(group.shown).map(([name, write]) => ({ name, value: write(settings) }));
}
