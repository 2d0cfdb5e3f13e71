import type { Advice } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { ConfigError } from "../config/problems.ts";
import { SECRET_ADDRESSES, type SettingSources } from "../config/sources.ts";
import { SPENDING_LIMITS } from "../config/spending.ts";
import type { StoredSettings, WidgetKey } from "../store/settings-store.ts";

interface UsableSettings {
  readonly loaded: LoadedConfig;
  /** Names of stored settings that are ignored, because they do not fit any more. */
  readonly ignored: readonly string[];
}

/**
 * Loads the settings with what is stored, and with the widget keys that the owner has made. A stored setting may not
 * fit any more, after an update of chatporch or beside a new variable of the environment. It is ignored then: a server
 * that starts is worth more.
 * @throws ConfigError when the environment itself is wrong
 */
export function loadUsable(
  sources: SettingSources,
  { values, keys }: Pick<StoredSettings, "values" | "keys">,
): UsableSettings {
  const fitting = loadFitting(sources, values);
  const { ignored } = fitting;
  const loaded = ignored.some((name) => SPENDING_LIMITS.includes(name))
    ? sources.load({ ...fitting.stored, ...WITHOUT_LIMIT })
    : fitting.loaded;
  return { loaded: { ...loaded, config: withMadeKeys(loaded.config, keys) }, ignored };
}

/** Where a limit that the owner has set cannot be kept, nothing is spent until he has looked at it. */
const WITHOUT_LIMIT = { MODEL_CALLS: "off" };

interface FittingSettings extends UsableSettings {
  /** What is stored and in force. */
  readonly stored: Readonly<Record<string, string>>;
}

function loadFitting(
  sources: SettingSources,
  stored: Readonly<Record<string, string>>,
): FittingSettings {
  try {
    return { loaded: sources.load(stored), ignored: [], stored };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const wrong = new Set(error.problems.map(({ name }) => name));
    // Without its address, a key would go to another one.
    for (const { name, secrets } of SECRET_ADDRESSES) {
      if (wrong.has(name)) for (const secret of secrets) wrong.add(secret);
    }
    const ignored = Object.keys(stored).filter((name) => wrong.has(name));
    if (ignored.length === 0) {
      return { loaded: sources.load({}), ignored: Object.keys(stored), stored: {} };
    }
    // What is left may have another problem, which was not looked for yet.
    const rest = Object.entries(stored).filter(([name]) => !wrong.has(name));
    const fitting = loadFitting(sources, Object.fromEntries(rest));
    return { ...fitting, ignored: [...ignored, ...fitting.ignored] };
  }
}

/** The environment's widget keys and those that the owner has made are all valid. */
function withMadeKeys(config: Config, keys: readonly WidgetKey[]): Config {
  const made = keys.filter(({ revokedAt }) => revokedAt === undefined).map(({ key }) => key);
  const widget = Object.freeze([...config.keys.widget, ...made]);
  return Object.freeze({ ...config, keys: Object.freeze({ ...config.keys, widget }) });
}

/** Advice on stored settings that are ignored. */
export function adviseOnIgnored(names: readonly string[]): Advice[] {
  if (names.length === 0) return [];
  return [
    {
      id: "ignored-settings",
      severity: "warning",
      says: `What is stored for ${names.join(", ")} does not fit any more, so it is ignored.`,
      mend: "Enter it again.",
    },
  ];
}
