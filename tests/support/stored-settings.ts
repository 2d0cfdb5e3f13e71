import type { SettingsChange } from "../../src/store/settings-store.ts";
import { NOON } from "./stored-turns.ts";

/** A change of the owner's settings, for a store without any. */
export function settingsChange(over: Partial<SettingsChange> = {}): SettingsChange {
  return {
    expectedVersion: 0,
    at: NOON,
    by: "the dashboard",
    values: {},
    madeKeys: [],
    revokedKeys: [],
    instructions: undefined,
    audit: [{ setting: "WIDGET_TITLE", before: "not set", after: "Ask us" }],
    ...over,
  };
}
