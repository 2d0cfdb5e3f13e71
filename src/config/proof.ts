import type { SettingGroup } from "./setting-group.ts";

/** `auto`: while there is a budget. */
const PROOF_MODES = ["auto", "on", "off"] as const;

/** Whether clients have to prove work before the model is asked, above a soft limit. */
export interface ProofSettings {
  readonly mode: (typeof PROOF_MODES)[number];
}

export const PROOF: SettingGroup<ProofSettings> = {
  read: (reader) => ({ mode: reader.choice("PROOF_OF_WORK", PROOF_MODES, "auto") }),
  shown: { PROOF_OF_WORK: ({ mode }) => mode },
  editable: ["PROOF_OF_WORK"],
};
