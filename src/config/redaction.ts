import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** What can be taken out of texts. */
export const REDACTED_KINDS = ["cards", "ibans", "emails", "phones"] as const;
export type RedactedKind = (typeof REDACTED_KINDS)[number];

/** What is taken out of the texts of visitors and models before they are stored. */
export interface RedactionSettings {
  readonly kinds: readonly RedactedKind[];
  /** `model`: the model does not get it either. `storage`: the model gets what the visitor has written. */
  readonly before: "model" | "storage";
}

export const REDACTION: SettingGroup<RedactionSettings> = {
  read: (reader) => ({
    kinds: readKinds(reader),
    before: reader.choice("REDACT_BEFORE", ["model", "storage"], "model"),
  }),
  shown: {
    REDACT: ({ kinds }) => (kinds.length === 0 ? "off" : kinds.join(",")),
    REDACT_BEFORE: ({ before }) => before,
  },
  editable: ["REDACT", "REDACT_BEFORE"],
};

function readKinds(reader: SettingReader): readonly RedactedKind[] {
  const entries = reader.list("REDACT").map((entry) => entry.toLowerCase());
  if (entries.length === 1 && entries[0] === "off") return [];
  if (entries.some((entry) => !REDACTED_KINDS.some((kind) => kind === entry))) {
    const problem = `must be off, or some of ${REDACTED_KINDS.join(", ")}`;
    reader.refuse("REDACT", problem, "cards,ibans");
  }
  return REDACTED_KINDS.filter((kind) => entries.includes(kind));
}
