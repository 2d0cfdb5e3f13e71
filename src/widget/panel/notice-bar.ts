import { element } from "../element.ts";
import type { Notice } from "./notice.ts";
import type { Sentences } from "./sentences.ts";

interface NoticeBar {
  readonly node: HTMLElement;
  render(notice: Notice | undefined): void;
}

interface NoticeBarOptions {
  readonly t: Sentences;
  /** Where visitors can write to people when the chat does not work. */
  readonly contactUrl: string | undefined;
  /** Asks for the rest of an answer. */
  readonly goOn: () => void;
  /** The button goes away when it was pressed, and the focus with it. */
  readonly focusInput: () => void;
}

/** What the button says, where that is not to try again. */
const LABELS: Readonly<Record<string, keyof Sentences>> = {
  limited: "goOn",
  freshStarted: "undo",
  erased: "undo",
};

/** One sentence, and what can be done: a button, or a link to people. */
export function createNoticeBar({ t, contactUrl, goOn, focusInput }: NoticeBarOptions): NoticeBar {
  const text = element("span", { dir: "auto" });
  const button = element("button", { className: "retry" });
  const contact = element(
    "a",
    { className: "retry", href: contactUrl, rel: "noopener", target: "_blank" },
    t.contact,
  );
  const bar = element("div", { className: "notice" }, text, element("div", {}, button, contact));
  // Announced once, and not at every second of a countdown.
  const announcement = element("div", { className: "sr", role: "status" });
  let announced: string | undefined;

  return {
    node: element("div", {}, bar, announcement),
    render(notice) {
      const { kind, seconds, detail } = notice ?? {};
      const act = kind === "limited" ? goOn : notice?.act;
      const sentence = notice?.sentence ?? (kind ? t[kind].replace("%", `${seconds}`) : "");
      bar.hidden = !kind;
      button.hidden = !act;
      button.textContent = t[LABELS[`${kind}`] ?? "retry"];
      button.onclick = () => {
        // Cannot be pressed twice.
        bar.hidden = true;
        act?.();
        focusInput();
      };
      contact.hidden = !contactUrl || !/down|refused/.test(`${kind}`);
      text.textContent = detail ? `${sentence} (${detail})` : sentence;
      if (announced === kind) return;
      announced = kind;
      announcement.textContent = sentence;
    },
  };
}
