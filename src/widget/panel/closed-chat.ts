import type { Stage } from "../contract.ts";
import { CLOSE_ICON, element, iconButton } from "../element.ts";
import { move } from "./motion.ts";
import type { Sentences } from "./sentences.ts";

/** What a visitor sees and hears of a chat that is closed. */
interface ClosedChat {
  readonly node: HTMLElement;
  /**
   * @param unread how many answers have ended since it was closed
   * @param preview a text beside the launcher; empty: none
   */
  render(isOpen: boolean, unread: number, preview: string): void;
}

interface ClosedChatOptions {
  readonly t: Sentences;
  readonly title: string;
  /** What stands on the launcher; its name has to begin with it. */
  readonly label: string | undefined;
  readonly stage: Stage;
  readonly onOpen: () => void;
  readonly onDismiss: () => void;
}

const COMING_MS = 180;

/** The launcher's name, and the beginning of a text beside it, which opens the chat or is dismissed. */
export function createClosedChat(options: ClosedChatOptions): ClosedChat {
  const { t, title, label, stage, onOpen, onDismiss } = options;
  const { launcher } = stage;
  const words = element("button", { className: "words", dir: "auto", onclick: onOpen });
  const closer = iconButton("tool", t.dismiss, CLOSE_ICON);
  closer.onclick = () => {
    // The focus would be lost with the button.
    launcher.focus();
    onDismiss();
  };
  // Announced when it gets its text. It is there before, because what is announced is a change.
  const node = element("div", { className: "preview", role: "status" });
  let shown = "";

  return {
    node,
    render(isOpen, unread, preview) {
      const name = isOpen ? t.closeChat : t.openChat.replace("%", () => title);
      const count = unread ? ` (${t.newAnswers.replace("%", `${unread}`)})` : "";
      stage.onName?.((label ? `${label}: ` : "") + name + count);
      if (preview === shown) return;
      shown = preview;
      words.textContent = preview;
      node.replaceChildren(...(preview ? [words, closer] : []));
      if (preview) move(node, COMING_MS);
    },
  };
}
