import type { Stage } from "../contract.ts";
import { element } from "../element.ts";
import type { LoadBeside } from "./beside.ts";
import { print } from "./print.ts";
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
  readonly load: LoadBeside;
}

/** The launcher's name, and the beginning of a text beside it, which opens the chat or is dismissed (preview.ts). */
export function createClosedChat(options: ClosedChatOptions): ClosedChat {
  const { t, title, label, stage, onOpen, onDismiss, load } = options;
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
      node.replaceChildren();
      if (preview)
        load("preview").then(({ showPreview }) => {
          // The chat may have been opened by now.
          if (preview === shown)
            showPreview?.(node, preview, t.dismiss, stage.launcher, onOpen, onDismiss);
        }, print);
    },
  };
}
