import { element, icon, SEND_ICON, STOP_ICON } from "../element.ts";
import { MAX_LENGTH } from "./conversation.ts";
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

/**
 * The text field and its button. The button sends a question, or stops the answer that is being written.
 * @param onSend returns whether the text was accepted
 */
export function createComposer(
  t: Sentences,
  placeholder: string,
  onSend: (text: string) => boolean,
  onStop: () => void,
): Composer {
  const field = element("textarea", {
    rows: 1,
    // Counted in UTF-16 units, of which a text never has fewer than code points.
    maxLength: MAX_LENGTH,
    placeholder,
    // A name of its own: with a description, a placeholder is none.
    ariaLabel: placeholder,
    enterKeyHint: "send",
  });
  field.setAttribute("aria-describedby", DISCLOSURE_ID);
  const button = element("button", { className: "send" });
  const form = element("form", { className: "composer" }, field, button);
  let isAnswering = false;

  function refresh(): void {
    button.disabled = !isAnswering && !field.value.trim();
    field.style.height = "auto";
    // A hidden field has no height.
    if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
  }

  function submit(): void {
    if (button.disabled || isAnswering || !onSend(field.value)) return;
    field.value = "";
    refresh();
  }

  field.oninput = refresh;
  field.onkeydown = (event) => {
    // While an input method composes, Enter chooses a word (some browsers only show it by key code 229).
    const isComposing = event.isComposing || event.keyCode === 229;
    if (!/Enter/.test(event.key) || event.shiftKey || isComposing) return;
    event.preventDefault();
    submit();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (isAnswering) onStop();
    else submit();
    field.focus();
  };

  return {
    node: form,
    focus: () => field.focus(),
    draft: () => field.value,
    restore(draft) {
      field.value = draft;
    },
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
