import { element, icon } from "../element.ts";
import type { PeopleHost } from "./contract.ts";
import { PERSON_ICON } from "./requests.ts";
import { isOfPerson, type PersonState } from "./state.ts";
import { withName } from "./with-name.ts";
import type { Words } from "./words.ts";

/** How long a person is shown as writing after the server has said so. */
const WRITING_MS = 5000;

interface Presence {
  readonly node: HTMLElement;
  update(person: PersonState): void;
  /** The person writes. */
  onTyping(): void;
  /** What the person wrote is there. */
  endTyping(): void;
  /** Another conversation is shown. */
  reset(): void;
}

/**
 * Says that a person is here, writes, or has gone, and marks what he wrote. While he is here, the head of the panel says so,
 * too, in place of its subtitle.
 */
export function createPresence({ conversation, list, frame }: PeopleHost, t: Words): Presence {
  const words = element("span");
  const line = element("div", { className: "here", hidden: true }, icon(PERSON_ICON), words);
  const dot = () => element("i");
  const dots = element("div", { className: "dots", ariaHidden: "true" }, dot(), dot(), dot());
  const writer = element("span", { className: "sr" });
  const bubble = element("div", { className: "bubble" }, dots, writer);
  const writing = element("div", { className: "message assistant" }, bubble);
  const node = element("div", {}, line);
  const subtitle = frame.node.querySelector("#subtitle");
  const ownSubtitle = subtitle?.textContent ?? "";
  let isHere: boolean | undefined;
  let name = "";
  let timer = 0;
  /** How many messages there were when the person went. */
  let countAtEnd = 0;
  /** That the person writes was said already. */
  let isSaid = false;

  function hideTyping(): void {
    clearTimeout(timer);
    writing.remove();
  }

  function endTyping(): void {
    hideTyping();
    isSaid = false;
  }

  /** Whose message it is stands above it, and a question to a person has no answer that comes. */
  function mark(): void {
    for (const message of conversation.entries()) {
      const shown = list.views.get(message)?.node;
      if (!shown) continue;
      if (isOfPerson(message) && !shown.querySelector(".by")) {
        const author = `${Object(message.stored?.author).name}`;
        const by = element("div", { className: "by", ariaHidden: "true" }, icon(PERSON_ICON));
        by.append(element("span", { dir: "auto" }, author));
        shown.querySelector(".bubble")?.before(by);
        shown.dataset.by = "";
      }
      if (isHere && message.status === "streaming" && !message.text) shown.hidden = true;
    }
  }

  return {
    node,
    endTyping,
    update(person) {
      const sentence = person.isHere ? t.here : t.away;
      const said = sentence.replace("%", () => person.name);
      const isOther = isHere !== person.isHere || name !== person.name;
      const isNews = isHere !== undefined && isOther;
      const hasGone = isHere && !person.isHere;
      if (person.isHere || hasGone) {
        if (line.hidden) line.hidden = false;
        line.classList.toggle("gone", !person.isHere);
        if (words.textContent !== said) words.replaceChildren(...withName(sentence, person.name));
      }
      if (isOther) {
        subtitle?.replaceChildren(
          ...(person.isHere ? withName(sentence, person.name) : [ownSubtitle]),
        );
      }
      const entries = conversation.entries();
      const last = entries.at(-1);
      if (hasGone) countAtEnd = entries.length;
      // The assistant has answered again: everybody sees it.
      else if (!person.isHere && entries.length > countAtEnd && last?.role === "assistant") {
        if (last.text && !isOfPerson(last)) line.hidden = true;
      }
      if (isNews && (person.isHere || hasGone)) list.announcer.say(said);
      if (!person.isHere) endTyping();
      ({ isHere, name } = person);
      mark();
    },
    onTyping() {
      if (!isHere) return;
      clearTimeout(timer);
      // Once for each message, however long it takes.
      writer.textContent = t.writing.replace("%", () => name);
      if (!isSaid) list.announcer.say(writer.textContent);
      isSaid = true;
      node.append(writing);
      timer = setTimeout(hideTyping, WRITING_MS);
    },
    reset() {
      endTyping();
      line.hidden = true;
      isHere = undefined;
    },
  };
}
