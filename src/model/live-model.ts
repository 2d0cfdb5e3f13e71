import type { ModelSettings } from "../config/model.ts";
import { derived } from "../runtime/derived.ts";
import type { ChatModel } from "./model.ts";

/** The model of the settings in force. Whoever has got it keeps it: an answer under way ends with its own model. */
export type ModelInForce = () => ChatModel;

/** @param create is called once for each model that the settings name */
export function createModelInForce(
  settings: () => ModelSettings,
  create: (settings: ModelSettings) => ChatModel,
): ModelInForce {
  // Groups are replaced with every change of a setting, and the connections of the same model are kept.
  let made: ChatModel | undefined;
  let madeOf: string | undefined;
  return derived(settings, (current) => {
    const written = JSON.stringify(current);
    if (made === undefined || written !== madeOf) made = create(current);
    madeOf = written;
    return made;
  });
}
