/**
 * What the owner has set in the dashboard. Every change raises the version by one, so that replicas notice it,
 * and leaves its traces in the audit list.
 */
export interface SettingsStore {
  /** Everything that is set, as it was at one moment. */
  readSettings(): Promise<StoredSettings>;
  /**
   * Stores a change and its traces: all or nothing. Returns false when the settings have another version by now;
   * then nothing is stored. It may also return false for a change whose first try succeeded without an answer.
   */
  changeSettings(change: SettingsChange): Promise<boolean>;
  /** The newest changes, the newest first. The newest 1,000 are kept. */
  listAudit(limit: number): Promise<readonly AuditEntry[]>;
  /** The instructions for the model that the owner has stored, the newest first. The newest 100 are kept. */
  listInstructions(): Promise<readonly StoredInstructions[]>;
}

/** How many entries of the audit list are kept. */
export const MAX_AUDIT_ENTRIES = 1000;
/** How many versions of the instructions are kept. */
export const MAX_INSTRUCTIONS = 100;
/** How many revoked widget keys are kept, so that the owner can see what an old page uses. */
export const MAX_REVOKED_KEYS = 100;

export interface StoredSettings {
  /** The number of changes so far. */
  readonly version: number;
  /** Texts by the names that the settings have in the environment. */
  readonly values: Readonly<Record<string, string>>;
  /** The oldest first, revoked ones included. */
  readonly keys: readonly WidgetKey[];
}

/** A widget key that the owner has made. Every visitor can read it. */
export interface WidgetKey {
  readonly id: string;
  /** The owner's own word for it, such as the website that it is for. */
  readonly name: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  /** Undefined: it is valid. */
  readonly revokedAt: number | undefined;
}

export interface SettingsChange {
  /** The version that the change was made for. */
  readonly expectedVersion: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who changes it, as the owner reads it. */
  readonly by: string;
  /** The new texts of settings. Null: the setting is not stored any more. */
  readonly values: Readonly<Record<string, string | null>>;
  readonly madeKeys: readonly Pick<WidgetKey, "id" | "name" | "key">[];
  /** The ids of the keys to revoke. */
  readonly revokedKeys: readonly string[];
  /** New instructions for the model, which become the newest of their list. */
  readonly instructions: string | undefined;
  /** What is noted in the audit list: at least one entry, and one at most for a setting. Never a secret. */
  readonly audit: readonly ChangedSetting[];
}

export interface ChangedSetting {
  /** The name of a setting, or another word for what has changed. */
  readonly setting: string;
  readonly before: string;
  readonly after: string;
}

export interface AuditEntry extends ChangedSetting {
  /** The version that the change has led to. */
  readonly version: number;
  readonly at: number;
  readonly by: string;
}

export interface StoredInstructions {
  /** The version of the settings since which they were in force. */
  readonly version: number;
  readonly text: string;
  readonly at: number;
  readonly by: string;
}
