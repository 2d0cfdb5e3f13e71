import { element } from "../element.ts";

/** A sentence with a name or an address in place of its %, which may be written in the other direction. */
export function withName(sentence: string, name: string): (string | Node)[] {
  const [before = "", after] = sentence.split("%");
  return after === undefined ? [before] : [before, element("bdi", {}, name), after];
}
