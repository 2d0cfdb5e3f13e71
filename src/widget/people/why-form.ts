import { CLOSE_ICON, element, iconButton, setAria } from "../element.ts";
import type { Message, PeopleHost } from "./contract.ts";
import { onEscape } from "./escape.ts";
import type { Draft, Rating } from "./state.ts";
import type { Words } from "./words.ts";

/** The longest comment that the server takes, in characters. */
const MAX_COMMENT = 1000;
/** When fewer characters than this are left, the visitor sees how many. */
const COUNTED_FROM = 200;

/** What can be wrong, as the server names it. */
const REASONS = { wrong: "wrong", incomplete: "incomplete", off_topic: "offTopic", other: "other" };

interface WhyForms {
  /** Shows the form below the answer, if it is not there. */
  open(message: Message): void;
  close(message: Message): void;
  /** Shows a sentence below the answer in place of the form. */
  say(message: Message, sentence: string): void;
}

/**
 * Asks below an answer that was rated down what was wrong with it.
 * @param drafts what was not sent yet; an answer that has one has a form
 */
export function createWhyForm(
  { list }: PeopleHost,
  t: Words,
  drafts: WeakMap<Message, Draft>,
  send: (message: Message, rating: Rating) => Promise<void>,
): WhyForms {
  const shown = new WeakMap<Message, HTMLElement>();

  function put(message: Message, made: HTMLElement): void {
    shown.get(message)?.remove();
    shown.set(message, made);
    const answer = list.views.get(message)?.node;
    if (!answer) return;
    answer.append(made);
    answer.dataset.more = "";
  }

  function close(message: Message): void {
    shown.get(message)?.remove();
    shown.delete(message);
    delete list.views.get(message)?.node.dataset.more;
  }

  function say(message: Message, sentence: string): void {
    drafts.delete(message);
    put(message, element("div", { className: "below" }, sentence));
    list.announcer.say(sentence);
  }

  /** The focus would be lost with the form. */
  function leave(message: Message): void {
    list.views.get(message)?.node.querySelector<HTMLElement>(".down")?.focus();
  }

  async function submit(message: Message, draft: Draft, form: HTMLFormElement): Promise<void> {
    const problem = form.querySelector(".problem");
    const comment = draft.text.trim();
    if (draft.isSending) return;
    draft.isSending = true;
    problem?.replaceChildren();
    try {
      await send(message, { rating: "negative", reasons: [...draft.reasons], comment });
    } catch {
      problem?.replaceChildren(t.unsent);
      return;
    } finally {
      draft.isSending = false;
    }
    const hadFocus = form.matches(":focus-within");
    say(message, t.thanks);
    if (hadFocus) leave(message);
  }

  function chip(draft: Draft, reason: string, name: string): HTMLElement {
    const button = element("button", { className: "chip", type: "button" }, name);
    const showPressed = () => setAria(button, "ariaPressed", draft.reasons.has(reason));
    button.onclick = () => {
      if (!draft.reasons.delete(reason)) draft.reasons.add(reason);
      showPressed();
    };
    showPressed();
    return button;
  }

  function create(message: Message, draft: Draft): HTMLFormElement {
    const closer = iconButton("tool", t.close, CLOSE_ICON);
    closer.type = "button";
    const field = element("textarea", {
      rows: 2,
      maxLength: MAX_COMMENT,
      value: draft.text,
      placeholder: t.comment,
      ariaLabel: t.comment,
    });
    const left = element("span", { className: "count", role: "status" });
    const form = element(
      "form",
      { className: "why", ariaLabel: t.why },
      element("div", { className: "line" }, element("strong", {}, t.why), closer),
      element(
        "div",
        { className: "chips" },
        ...Object.entries(REASONS).map(([reason, word]) => chip(draft, reason, wordOf(t, word))),
      ),
      field,
      element(
        "div",
        { className: "line" },
        left,
        element("button", { className: "do", type: "submit" }, t.send),
      ),
      element("div", { className: "problem", role: "alert" }),
    );
    const shut = () => {
      leave(message);
      drafts.delete(message);
      close(message);
    };
    field.oninput = () => {
      draft.text = field.value;
      const room = MAX_COMMENT - field.value.length;
      left.textContent = room > COUNTED_FROM ? "" : t.left.replace("%", `${room}`);
    };
    closer.onclick = shut;
    form.onsubmit = (event) => {
      event.preventDefault();
      void submit(message, draft, form);
    };
    onEscape(form, shut);
    return form;
  }

  return {
    open(message) {
      const draft = drafts.get(message);
      if (draft && !shown.get(message)?.isConnected) put(message, create(message, draft));
    },
    close,
    say,
  };
}

function wordOf(t: Words, name: string): string {
  return t[name as keyof Words];
}
