import { element, icon, SEND_ICON, STOP_ICON } from "./element.ts";
import type { Sentences } from "./language.ts";

export interface Composer {
  readonly node: HTMLElement;
  focus(): void;
  render(isNowAnswering: boolean, isNowUsable: boolean): void;
}

interface ComposerOptions {
  readonly t: Sentences;
  readonly placeholder: string;
  /** Returns whether the text was taken. */
  readonly onSend: (text: string) => boolean;
  readonly onStop: () => void;
}

/** What the server takes, in Unicode code points. */
const MAX_LENGTH = 4000;

/** The field and its button, which sends, or stops the answer that is being written. */
export function createComposer({ t, placeholder, onSend, onStop }: ComposerOptions): Composer {
  const field = element("textarea", {
    rows: 1,
    placeholder,
    "aria-label": placeholder,
    dir: "auto",
    enterKeyHint: "send",
  });
  const button = element("button", { className: "send" });
  const limit = element("div", { className: "limit", role: "status", dir: "ltr" });
  const form = element("form", { className: "composer" }, field, button);
  let isAnswering = false;
  let isUsable = true;

  function refresh(): void {
    const length = [...field.value].length;
    const isTooLong = length > MAX_LENGTH;
    limit.hidden = !isTooLong;
    limit.textContent = isTooLong ? `${length} / ${MAX_LENGTH}` : "";
    button.disabled = !isAnswering && (!isUsable || isTooLong || field.value.trim() === "");
    field.style.height = "auto";
    // Hidden, it has no height of its own.
    field.style.height = field.scrollHeight ? `${field.scrollHeight}px` : "";
  }

  function submit(): void {
    if (button.disabled || isAnswering || !onSend(field.value)) return;
    field.value = "";
    refresh();
  }

  field.oninput = refresh;
  field.onkeydown = (event) => {
    // While an input method composes, Enter chooses a word (229 in browsers that say it late).
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
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
    node: element("div", {}, form, limit),
    focus: () => field.focus(),
    render(isNowAnswering, isNowUsable) {
      const name = isNowAnswering ? t.stop : t.send;
      if (button.title !== name) {
        button.title = name;
        button.replaceChildren(icon(isNowAnswering ? STOP_ICON : SEND_ICON));
      }
      isAnswering = isNowAnswering;
      isUsable = isNowUsable;
      field.disabled = !isUsable;
      refresh();
    },
  };
}
