import { isOpenAi, type ModelSettings } from "../config/model.ts";
import type { Logger } from "../runtime/logger.ts";

/** Without OPENAI_MODEL, OpenAI's default is requested, which other servers do not have. Logs a warning. */
export async function warnOfUnknownName(settings: ModelSettings, log: Logger): Promise<void> {
  if (settings.kind !== "openai" || settings.isNameSet || isOpenAi(settings.baseUrl)) return;
  const { listModels, someOf } = await import("./catalogue.ts");
  const names = await listModels(settings);
  if (names === undefined || names.includes(settings.name)) return;
  const has = names.length === 0 ? "no model" : someOf(names);
  log.warn(`OPENAI_MODEL is not set, and the model's server has no ${settings.name}`, { has });
}
