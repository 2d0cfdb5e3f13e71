import { Report } from "../doctor/report.ts";
import { someOf } from "../model/catalogue.ts";
import { decide } from "./decision.ts";
import type { Draft } from "./draft.ts";
import { findLocalServers, type LocalServer } from "./local-servers.ts";
import type { Questions } from "./questions.ts";
import type { SetUp } from "./set-up.ts";

const URL_NAME = "OPENAI_BASE_URL";
const KEY_NAME = "OPENAI_API_KEY";

/** Decides who runs the model: by the options, by an answer, or because one server was found. */
export async function decideModelServer(before: Draft, setUp: SetUp): Promise<Draft> {
  const { options, questions } = setUp;
  let draft = await decide(before, setUp, {
    name: URL_NAME,
    option: "--model-url",
    given: options.modelUrl,
  });
  draft = await decide(draft, setUp, {
    name: `${KEY_NAME}_FILE`,
    option: "--openai-key-file",
    given: options.openAiKeyFile,
  });
  if (draft.value(URL_NAME) !== undefined || draft.value(KEY_NAME) !== undefined) return draft;
  const found = await new Report(setUp).during("looking for model servers on this machine", () =>
    findLocalServers(setUp.ollamaHost),
  );
  return questions === undefined
    ? takeFound(draft, setUp, found)
    : choose(draft, setUp, found, questions);
}

/** Takes the only server that was found. Of several, only the owner may choose. */
async function takeFound(
  draft: Draft,
  setUp: SetUp,
  found: readonly LocalServer[],
): Promise<Draft> {
  const [only, ...others] = found.filter(({ models }) => models.length > 0);
  if (only !== undefined && others.length === 0) {
    setUp.write(`Found ${told(only)}\n`);
    return take(draft, setUp, only);
  }
  if (only !== undefined || draft.environment() === "production") {
    setUp.needed.push(
      "a model (--model-url URL, or --openai-key-file FILE, or OPENAI_API_KEY in the environment)",
    );
  }
  return draft;
}

interface Choice {
  readonly says: string;
  readonly settle: () => Promise<Draft>;
}

async function choose(
  draft: Draft,
  setUp: SetUp,
  found: readonly LocalServer[],
  questions: Questions,
): Promise<Draft> {
  const choices: Choice[] = [
    ...found
      .filter(({ models }) => models.length > 0)
      .map((server) => ({ says: told(server), settle: () => take(draft, setUp, server) })),
    { says: "OpenAI, with a key", settle: () => askForKey(draft, setUp, questions) },
    {
      says: "another server that speaks OpenAI's API",
      settle: () => askForServer(draft, setUp, questions),
    },
    ...(draft.environment() === "production"
      ? []
      : [{ says: "none yet: the built-in demo model answers", settle: async () => draft }]),
  ];
  setUp.write("Which model answers?\n");
  for (const [index, { says }] of choices.entries()) setUp.write(`  ${index + 1}  ${says}\n`);
  for (const { name, url } of found.filter(({ models }) => models.length === 0)) {
    setUp.write(`     (${name} is at ${url}, but has no model yet.)\n`);
  }
  for (;;) {
    const answer = await questions.ask("Number", "1");
    const chosen = /^\d+$/.test(answer) ? choices[Number(answer) - 1] : undefined;
    if (chosen !== undefined) return chosen.settle();
  }
}

function told({ name, url, models }: LocalServer): string {
  return `${name} at ${url}: ${someOf(models)}`;
}

function take(draft: Draft, setUp: SetUp, { url }: LocalServer): Promise<Draft> {
  return decide(draft, setUp, { name: URL_NAME, option: "--model-url", given: url });
}

async function askForServer(draft: Draft, setUp: SetUp, questions: Questions): Promise<Draft> {
  const withUrl = await decide(draft, setUp, {
    name: URL_NAME,
    option: "--model-url",
    given: undefined,
    async ask() {
      for (;;) {
        const url = await questions.ask("Its address, such as http://127.0.0.1:8000/v1");
        if (url !== "") return url;
      }
    },
  });
  return askForKey(withUrl, setUp, questions);
}

/** OpenAI needs a key, and many other servers need none. */
function askForKey(draft: Draft, setUp: SetUp, questions: Questions): Promise<Draft> {
  const isOptional = draft.value(URL_NAME) !== undefined;
  return decide(draft, setUp, {
    name: KEY_NAME,
    option: "--openai-key-file",
    given: undefined,
    async ask() {
      for (;;) {
        const key = await questions.askSecret(
          isOptional ? "Its key (Enter: it needs none)" : "Key",
        );
        if (key !== "" || isOptional) return key;
      }
    },
  });
}
