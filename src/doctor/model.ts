import { adviseOn, type Situation } from "../config/advice.ts";
import type { Config } from "../config/config.ts";
import { findShutdown } from "../model/catalogue.ts";
import type { ChatModel } from "../model/model.ts";
import type { Notify } from "../model/notify.ts";
import { tryModel } from "../turns/model-trial.ts";
import { advised, type Finding } from "./report.ts";

const SUBJECT = "model";

/** Asks the model one question, as the server would, and judges the whole answer. */
export async function checkModel(
  createModel: (notify: Notify) => Promise<ChatModel>,
  config: Config,
  now: number,
): Promise<Finding[]> {
  const settings = config.model;
  if (settings.kind === "demo") return advisedOf("demo-model", { config });
  // That is among the findings on the settings.
  if (settings.kind === "none") return [];
  const trial = await tryModel(settings, { createModel, config });
  const finding = { ...trial, subject: SUBJECT };
  if (trial.mark !== "ok") return [finding];
  const situation = { config, modelEndsAt: await findShutdown(settings), now };
  return [finding, ...advisedOf("model-ends", situation)];
}

function advisedOf(id: string, situation: Situation): Finding[] {
  return adviseOn(situation)
    .filter((advice) => advice.id === id)
    .map((advice) => advised(advice, SUBJECT));
}
