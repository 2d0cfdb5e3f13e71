import { ConfigError } from "../config/problems.ts";
import { randomText } from "../runtime/random-text.ts";
import type { WidgetKey } from "../store/settings-store.ts";
import { NO_CHANGE, type Plan, type SettingsInForce } from "./settings-in-force.ts";

const KEY_BYTES = 32;
const ID_BYTES = 9;
/** Every request is compared with every valid key. */
export const MAX_WIDGET_KEYS = 50;
export const MAX_KEY_NAME_LENGTH = 60;

/**
 * The widget keys that the owner has made. To change the key of a website without a visitor being refused, the owner
 * makes a new one, changes the tag, and revokes the old one when no page has it any more.
 */
export class WidgetKeys {
  readonly #settings: SettingsInForce;

  constructor(settings: SettingsInForce) {
    this.#settings = settings;
  }

  /** The oldest first, revoked ones included. */
  list(): readonly WidgetKey[] {
    return this.#settings.stored.keys;
  }

  /**
   * The key for a tag that is pasted now: the newest that the owner has made, since it may take the place of the
   * others, or else the first of the environment.
   */
  newest(): string | undefined {
    const made = this.list().findLast(({ revokedAt }) => revokedAt === undefined);
    return made?.key ?? this.#settings.config.keys.widget[0];
  }

  /**
   * Makes a key, which is valid at once.
   * @throws ConfigError when there are too many, or the name is not usable
   */
  async make(name: string, by: string): Promise<WidgetKey> {
    const id = newId();
    const made = { id, name: name.trim().toWellFormed(), key: randomText(KEY_BYTES) };
    await this.#settings.write(by, () => {
      // A try whose answer was lost may have stored it.
      if (this.#find(id) !== undefined) return undefined;
      refuseUnusable(made.name, this.list());
      return planKey(made);
    });
    const key = this.#find(id);
    if (key === undefined) throw new Error("The widget key was not stored.");
    return key;
  }

  /** Adds a key that the caller has made, unless there is a valid one, which another replica may just have made. */
  async makeFirst(key: string, by: string): Promise<void> {
    const id = newId();
    await this.#settings.write(by, () => {
      // A revoked key stays revoked.
      const known = this.list().map((each) => each.key);
      const made = {
        id,
        name: "First key",
        key: known.includes(key) ? randomText(KEY_BYTES) : key,
      };
      const isNeeded = this.#settings.config.keys.widget.length === 0;
      return isNeeded ? planKey(made) : undefined;
    });
  }

  /**
   * Revokes a key: from then on it is refused. Returns false when there is no such key.
   * @throws ConfigError when it is the only valid one, since no page could chat any more
   */
  async revoke(id: string, by: string): Promise<boolean> {
    await this.#settings.write(by, () => {
      const key = this.#find(id);
      if (key === undefined || key.revokedAt !== undefined) return undefined;
      // Looked up here, because another one may have been revoked a moment ago.
      if (this.#settings.config.keys.widget.length === 1) {
        refuse("is the only valid one: make another one first");
      }
      const audit = [{ setting: `Widget key ${key.name}`, before: "valid", after: "revoked" }];
      return { ...NO_CHANGE, revokedKeys: [id], audit };
    });
    return this.#find(id) !== undefined;
  }

  #find(id: string): WidgetKey | undefined {
    return this.list().find((key) => key.id === id);
  }
}

function newId(): string {
  return `k_${randomText(ID_BYTES)}`;
}

function planKey(made: Plan["madeKeys"][number]): Plan {
  const audit = [{ setting: `Widget key ${made.name}`, before: "", after: "made" }];
  return { ...NO_CHANGE, madeKeys: [made], audit };
}

/** @throws ConfigError */
function refuse(problem: string): never {
  throw new ConfigError([{ name: "WIDGET_API_KEY", problem }]);
}

/** @throws ConfigError */
function refuseUnusable(name: string, keys: readonly WidgetKey[]): void {
  if (name === "" || name.length > MAX_KEY_NAME_LENGTH || /\p{Cc}/u.test(name)) {
    refuse(`needs a name of 1 to ${MAX_KEY_NAME_LENGTH} characters`);
  }
  const valid = keys.filter(({ revokedAt }) => revokedAt === undefined);
  if (valid.length >= MAX_WIDGET_KEYS) refuse(`has ${MAX_WIDGET_KEYS} keys: revoke one first`);
}
