import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";

/** About a millisecond's worth of texts, of which one may have as many. */
const CHARACTERS_AT_ONCE = 2000;

/** The texts, with turns of the event loop between steps that are too short for visitors to notice. */
export async function* inSteps(texts: Iterable<string>): AsyncGenerator<string> {
  let characters = 0;
  for (const text of texts) {
    characters += text.length;
    if (characters > CHARACTERS_AT_ONCE) {
      await turnOfItsOwn();
      characters = text.length;
    }
    yield text;
  }
}
