import { element } from "../element.ts";
import type { Notice } from "./conversation.ts";
import type { Sentences } from "./sentences.ts";

interface NoticeBar {
  readonly node: HTMLElement;
  render(notice: Notice | undefined): void;
}

/** One sentence about the problem, and a button when trying again can help. */
export function createNoticeBar(t: Sentences): NoticeBar {
  const text = element("span", { dir: "auto" });
  const retry = element("button", { className: "retry" }, t.retry);
  const bar = element("div", { className: "notice" }, text, retry);
  // Announced once, and not at every second of a countdown.
  const announcement = element("div", { className: "sr", role: "status" });
  let announced: string | undefined;

  return {
    node: element("div", {}, bar, announcement),
    render(notice) {
      bar.hidden = !notice;
      retry.hidden = !notice?.retry;
      retry.onclick = notice?.retry ?? null;
      const sentence = notice ? t[notice.kind].replace("%", String(notice.seconds)) : "";
      text.textContent = notice?.detail ? `${sentence} (${notice.detail})` : sentence;
      if (announced === notice?.kind) return;
      announced = notice?.kind;
      announcement.textContent = sentence;
    },
  };
}
