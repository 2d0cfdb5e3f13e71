import type { FinalEvent } from "../../conversation/events.ts";
import { countAnswers } from "../../knowledge/written-answers.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { AnswerTrial, AnswerTrialDeps } from "./answer-trial.ts";
import { enteredTexts, refused, saveFields } from "./entry.ts";
import { INSTRUCTION_FIELDS } from "./fields.ts";
import {
  instructionsBody,
  MAX_QUESTION_LENGTH,
  QUESTION_FIELD,
  testedView,
} from "./instructions-page.ts";
import type { Playground } from "./playground.ts";
import {
  NOTHING_DONE,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";

interface InstructionsSectionDeps {
  readonly settings: OwnerSettings;
  readonly playground: Playground;
  readonly trial: AnswerTrial;
  readonly store: AnswerTrialDeps["store"];
}

/** The instructions for the model, their versions, and the playground beside them. */
export function createInstructionsSection({
  settings,
  playground,
  trial,
  store,
}: InstructionsSectionDeps): SettingsSection {
  async function ask(form: SubmittedForm): Promise<Submitted> {
    const { fields, request } = form;
    const question = (fields[QUESTION_FIELD] ?? "").trim();
    if (question === "" || question.length > MAX_QUESTION_LENGTH) {
      const problem =
        question === "" ? "Enter a question." : `Longer than ${MAX_QUESTION_LENGTH} characters.`;
      return { kind: "again", status: 400, problems: new Map([[QUESTION_FIELD, problem]]) };
    }
    const preview = settings.preview(enteredTexts(INSTRUCTION_FIELDS, fields));
    if (preview.kind === "refused") return refused(preview.problems);
    const { systemPrompt } = preview.config.assistant;
    const languages = request.headers.get("accept-language") ?? undefined;
    const asked = { systemPrompt, question, languages };
    if (wantsStream(request)) {
      return { kind: "response", response: playground.stream(asked, form) };
    }
    return { kind: "again", status: 200, shown: answerText(await playground.answer(asked, form)) };
  }

  async function test(form: SubmittedForm): Promise<Submitted> {
    const preview = settings.preview(enteredTexts(INSTRUCTION_FIELDS, form.fields));
    if (preview.kind === "refused") return refused(preview.problems);
    const { systemPrompt } = preview.config.assistant;
    if (wantsStream(form.request)) {
      return { kind: "response", response: trial.stream(systemPrompt, form) };
    }
    return { kind: "again", status: 200, shown: testedView(await trial.run(systemPrompt, form)) };
  }

  return {
    id: "instructions",
    name: "Instructions",
    fieldNames: [...INSTRUCTION_FIELDS.map(({ name }) => name), QUESTION_FIELD],
    async body(view) {
      const list = settings.list();
      const { systemPrompt } = settings.config.assistant;
      const versions = await settings.instructions();
      const answers = await countAnswers(store);
      const { version } = settings;
      return instructionsBody(view, { list, systemPrompt, versions, version, answers });
    },
    submit: (form) => {
      const { fields } = form;
      if (fields.action === "ask") return ask(form);
      if (fields.action === "test") return test(form);
      if (fields.action !== "save") return Promise.resolve(NOTHING_DONE);
      return saveFields(settings, enteredTexts(INSTRUCTION_FIELDS, fields), form);
    },
  };
}

function wantsStream(request: Request): boolean {
  return /\bapplication\/x-ndjson\b/.test(request.headers.get("accept") ?? "");
}

function answerText(event: FinalEvent | undefined): string {
  if (event === undefined) return "";
  return event.type === "done" ? event.message : event.error;
}
