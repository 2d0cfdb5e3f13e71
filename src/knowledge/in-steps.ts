import { turnOfItsOwn } from "../runtime/event-loop-turn.ts";

/** About a millisecond's worth of texts, of which one may have as many. */
const CHARACTERS_AT_ONCE = 2000;

/**
 * The items, with turns of the event loop between steps that are too short for visitors to notice.
 * @param lengthOf how many characters of text an item has
 */
export async function* inSteps<Item>(
  items: Iterable<Item>,
  lengthOf: (item: Item) => number,
): AsyncGenerator<Item> {
  let characters = 0;
  for (const item of items) {
    const length = lengthOf(item);
    characters += length;
    if (characters > CHARACTERS_AT_ONCE) {
      await turnOfItsOwn();
      characters = length;
    }
    yield item;
  }
}
