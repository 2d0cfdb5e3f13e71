import type { KnowledgeSettings } from "../config/knowledge.ts";
import type { KnowledgeSource } from "../store/knowledge-store.ts";

/** The hours between two readings of a source, by the settings in force. Undefined: it is read only when asked for. */
export function hoursBetween(
  everyHours: KnowledgeSource["everyHours"],
  { refreshHours }: Pick<KnowledgeSettings, "refreshHours">,
): number | undefined {
  return everyHours === "default" ? refreshHours : everyHours;
}
