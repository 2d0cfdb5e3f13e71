import type { Panel, PanelModule, Stage } from "../contract.ts";
import { mountPanel } from "./panel.ts";
import type { LoadSentences, SentencesByLanguage } from "./speech.ts";

/** What the panel says, in the language of the file's name, or else in all. The server puts it before this code. */
declare const SENTENCES: SentencesByLanguage;

// This is what the panel's file exports.
export const sentences = SENTENCES;

export function mount(stage: Stage): Panel {
  return mountPanel(stage, sentences, load);
}

/** From the panel's file in that language, which the next page in it loads in any case. */
const load: LoadSentences = async (language) => {
  const file: PanelModule = await import(
    import.meta.url.replace(/[\w-]+\.js[^/]*$/, `${language}.js`)
  );
  return file.sentences ?? {};
};
