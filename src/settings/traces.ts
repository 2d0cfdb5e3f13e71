import type { Config } from "../config/config.ts";
import { settingsInForce } from "../config/groups.ts";
import { shorten } from "../runtime/safe-text.ts";
import type { ChangedSetting } from "../store/settings-store.ts";

/** Long instructions have a list of their own. */
const MAX_LENGTH = 500;

/** What the audit list says of changed settings. It has what is shown of them, so it never has a secret. */
export function tracesOf(
  names: readonly string[],
  before: Config,
  after: Config,
): readonly ChangedSetting[] {
  const [old, current] = [before, after].map(
    (config) => new Map(settingsInForce(config).map(({ name, value }) => [name, value])),
  );
  return names.map((setting) => {
    const [was, is] = [old?.get(setting) ?? "", current?.get(setting) ?? ""];
    // One secret in the place of another is shown alike.
    return {
      setting,
      before: shorten(was, MAX_LENGTH),
      after: was === is ? "changed" : shorten(is, MAX_LENGTH),
    };
  });
}
