import { element, icon, SEND_ICON, STOP_ICON } from "../element.ts";
import { MAX_QUESTION_LENGTH } from "../question-length.ts";
import { DISCLOSURE_ID } from "./disclosure.ts";
import type { Sentences } from "./sentences.ts";

interface Composer {
  readonly node: HTMLElement;
  focus(): void;
  /** What stands in the field. */
  draft(): string;
  restore(draft: string): void;
  render(isNowAnswering: boolean, isUsable: boolean): void;
}

interface ComposerOptions {
  readonly t: Sentences;
  readonly placeholder: string;
  /** Returns whether the text was accepted. */
  readonly send: (text: string) => boolean;
  /** Stops the answer, and takes the focus: the button goes away. */
  readonly stop: () => void;
  /** Called with what stands in the field, after every change by the visitor. */
  readonly onDraft: (text: string) => void;
}

/** When fewer characters than this are left, the visitor sees how many. */
const COUNTED_FROM = 500;
/** A pause in writing. */
const PAUSE_MS = 400;

/** The text field and its button. The button sends a question, or stops the answer that is being written. */
export function createComposer(options: ComposerOptions): Composer {
  const { t, placeholder, send, stop, onDraft } = options;
  const field = element("textarea", {
    rows: 1,
    // Counted in UTF-16 units, of which a text never has fewer than code points.
    maxLength: MAX_QUESTION_LENGTH,
    placeholder,
    // A name of its own: with a description, a placeholder is none.
    ariaLabel: placeholder,
    enterKeyHint: "send",
  });
  field.setAttribute("aria-describedby", DISCLOSURE_ID);
  const button = element("button", { className: "send" });
  const form = element("form", { className: "composer" }, field, button);
  const room = element("div", { className: "room", dir: "auto", role: "status" });
  let isAnswering = false;
  let isCut = false;
  let timer = 0;

  function refresh(): void {
    button.disabled = !isAnswering && !field.value.trim();
    field.style.height = "auto";
    // A hidden field has no height.
    if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
  }

  /** Says how much room is left: not at every key, because it is announced, but also while an answer is written. */
  function showRoom(): void {
    refresh();
    clearTimeout(timer);
    timer = setTimeout(() => {
      const left = MAX_QUESTION_LENGTH - field.value.length;
      const sentence = isCut ? t.pasteCut : left > COUNTED_FROM ? "" : t.left;
      room.textContent = sentence.replace("%", `${isCut ? MAX_QUESTION_LENGTH : left}`);
    }, PAUSE_MS);
  }

  function restore(draft: string): void {
    field.value = draft;
    isCut = false;
    showRoom();
  }

  function submit(): void {
    if (button.disabled || isAnswering || !send(field.value)) return;
    field.focus();
    restore("");
    onDraft("");
  }

  // The browser cuts what is pasted or dropped, and says nothing.
  field.onbeforeinput = ({ inputType, data }: InputEvent) => {
    const { value, selectionStart, selectionEnd } = field;
    const left = MAX_QUESTION_LENGTH - value.length + selectionEnd - selectionStart;
    isCut = inputType.startsWith("insertFrom") && (data ?? "").length > left;
    // Where nothing fits, nothing follows.
    showRoom();
  };
  field.oninput = () => {
    onDraft(field.value);
    showRoom();
  };
  field.onkeydown = (event) => {
    // While an input method composes, Enter chooses a word (some browsers only show it by key code 229).
    const isComposing = event.isComposing || event.keyCode === 229;
    if (!/Enter/.test(event.key) || event.shiftKey || isComposing) return;
    event.preventDefault();
    submit();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (isAnswering) stop();
    else submit();
  };

  return {
    node: element("div", {}, form, room),
    focus: () => field.focus(),
    draft: () => field.value,
    restore,
    render(isNowAnswering, isUsable) {
      const name = isNowAnswering ? t.stop : t.send;
      if (button.title !== name) {
        button.title = name;
        button.replaceChildren(icon(isNowAnswering ? STOP_ICON : SEND_ICON));
      }
      isAnswering = isNowAnswering;
      field.disabled = !isUsable;
      refresh();
    },
  };
}
