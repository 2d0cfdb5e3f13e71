import { element } from "../element.ts";

/** What was said is not found again by whoever reads through the panel. */
const KEPT_MS = 7000;

/** Says something to users of assistive technology, when they have heard what came before. */
export interface Announcer {
  readonly node: HTMLElement;
  say(text: string): void;
}

/** Nothing is said of what is shown in the log itself: there, every token would be. */
export function createAnnouncer(): Announcer {
  const node = element("div", { className: "sr announcer", role: "log", ariaLive: "polite" });
  return {
    node,
    say(text) {
      const said = element("div", { dir: "auto" }, text);
      node.append(said);
      setTimeout(() => said.remove(), KEPT_MS);
    },
  };
}
