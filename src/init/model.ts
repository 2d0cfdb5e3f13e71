import { isOpenAi } from "../config/model.ts";
import { checkModel } from "../doctor/model.ts";
import { Report } from "../doctor/report.ts";
import { listModels, someOf } from "../model/catalogue.ts";
import { decide } from "./decision.ts";
import type { Draft } from "./draft.ts";
import { canAnswer } from "./local-servers.ts";
import { decideModelServer } from "./model-server.ts";
import type { SetUp } from "./set-up.ts";
import { InitUsageError } from "./usage-error.ts";

/** Decides which model answers, and has it answer once. */
export async function decideModel(before: Draft, setUp: SetUp): Promise<Draft> {
  const { options, questions, needed } = setUp;
  const withServer = await decideModelServer(before, setUp);
  const draft = needed.length > 0 ? withServer : await decideName(withServer, setUp);
  const isNew = Array.from(draft.added.keys()).some((name) => name.startsWith("OPENAI_"));
  if (needed.length > 0 || !isNew || options.isUntried) return draft;
  if (await answers(draft, setUp)) return draft;
  if (questions === undefined) {
    throw new Error(
      "The model was asked and gave no answer, so nothing was written. With --untried it is not asked.",
    );
  }
  const isTaken = await questions.ask("Take it all the same? yes or no", "no");
  // What the environment or .env sets cannot be chosen again.
  if (/^y/i.test(isTaken) || draft === before) return draft;
  return decideModel(before, { ...setUp, options: { ...options, ...NO_MODEL } });
}

/** After an answer that failed, the owner is asked, whatever the options said. */
const NO_MODEL = { modelUrl: undefined, modelName: undefined, openAiKeyFile: undefined };

async function decideName(draft: Draft, setUp: SetUp): Promise<Draft> {
  const { options, questions, write, needed } = setUp;
  const { model } = draft.load().config;
  const wanted = options.modelName;
  if (model.kind !== "openai") {
    if (wanted === undefined) return draft;
    throw new InitUsageError(
      "--model: name its server, too, with --model-url or --openai-key-file.",
    );
  }
  if (model.isNameSet && wanted === undefined) return draft;
  const names = (await listModels(model))?.filter(canAnswer) ?? [];
  const usual = isOpenAi(model.baseUrl) ? model.name : names[0];
  if (questions === undefined && wanted === undefined && usual === undefined) {
    needed.push("the model's name, since its server lists none (--model NAME)");
    return draft;
  }
  return decide(draft, setUp, {
    name: "OPENAI_MODEL",
    option: "--model",
    given: wanted ?? (questions === undefined ? usual : undefined),
    async ask() {
      if (names.length > 0) write(`The server has ${someOf(names)}.\n`);
      for (;;) {
        const answer = await questions?.ask("Model", usual);
        if (answer) return answer;
      }
    },
  });
}

/** Asks the model as the doctor does, which prints how soon it answers, or what is wrong. */
async function answers(draft: Draft, setUp: SetUp): Promise<boolean> {
  const { config } = draft.load();
  const report = new Report(setUp);
  await report.waitFor("model", "asking the model", () =>
    checkModel((notify) => setUp.createModel(config, notify), config, setUp.now()),
  );
  return report.isContent;
}
