import { findWords } from "../../store/found-message.ts";
import { readSearch } from "../../store/search-words.ts";
import type { Tag } from "../markdown-tags.ts";

/** The parts of a text, with those that were searched for marked. */
export type MarkWords = (text: string) => readonly (Tag | string)[];

/** Marks the words that a search finds, as the search finds them. */
export function createMarker(search: string): MarkWords {
  const { words } = readSearch(search);
  if (words.length === 0) return (text) => [text];
  return (text) => {
    const parts: (Tag | string)[] = [];
    let end = 0;
    for (const [from, to] of findWords(text, words)) {
      if (from > end) parts.push(text.slice(end, from));
      parts.push({ name: "mark", attributes: {}, children: [text.slice(from, to)] });
      end = to;
    }
    return end < text.length ? [...parts, text.slice(end)] : parts;
  };
}
