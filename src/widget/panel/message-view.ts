import { element } from "../element.ts";
import { withoutHalfMark } from "../markdown/half-mark.ts";
import type { CreateActions } from "./actions.ts";
import type { LoadBeside } from "./beside.ts";
import type { Colours } from "./colours.ts";
import type { CreateCopyButton } from "./copy-button.ts";
import type { Entry } from "./entry.ts";
import { createMarkdownView } from "./markdown-view.ts";
import type { Moments } from "./moments.ts";
import { print } from "./print.ts";
import type { Sentences } from "./sentences.ts";
import { endingOf } from "./spoken-entry.ts";

export interface MessageView {
  readonly node: HTMLElement;
  update(): void;
  /** Says beside the dots why nothing has come yet. */
  explain(sentence: string): void;
}

interface MessageViewOptions {
  readonly entry: Entry;
  /** Of who wrote it. */
  readonly name: string;
  readonly t: Sentences;
  readonly createCopyButton: CreateCopyButton;
  readonly colours: Colours;
  readonly actions: CreateActions;
  readonly moments: Moments;
  readonly load: LoadBeside;
}

/** A message, which stays the same element from its first word on: what is selected in it or has the focus stays so. */
export function createMessageView(options: MessageViewOptions): MessageView {
  const { entry, name, t, createCopyButton, colours, actions, moments, load } = options;
  const isUser = entry.role === "user";
  const bubble = element("div", { className: "bubble" });
  const dots = createSigns("dots");
  const below = element("div");
  const meta = element("div", { className: "meta" });
  // A heading, so that readers can go from message to message.
  const heading = element("h3", { className: "sr" }, name);
  const node = element("div", {}, heading, bubble, below, meta);
  const show = createMarkdownView(bubble, t, createCopyButton, colours);
  let shown: string | undefined;
  let shownColours: unknown;

  function update(): void {
    const { status, sources } = entry;
    const isWriting = status === "streaming";
    const isPending = isWriting || status === "waiting";
    const text = isWriting && sources.size > 0 ? withoutHalfMark(entry.text) : entry.text;
    const isSame = shown === status + text;
    if (isSame && shownColours === colours()) return;
    shown = status + text;
    shownColours = colours();
    if (text || !isWriting) dots.remove();
    if (isUser) bubble.textContent = text;
    else show(text, sources, isWriting);
    // Only the colours of its code have come. A button below it may have the focus.
    if (isSame) return;
    if (!text && isWriting) bubble.append(dots);
    node.className = `message ${entry.role}${isPending ? " pending" : ""}`;
    node.hidden = !text && (status === "failed" || status === "waiting");
    bubble.hidden = !text && !isWriting;
    meta.hidden = isUser || isPending;
    showSources(meta.hidden ? undefined : below);
    if (meta.hidden) return;
    const ending = element("div", { className: `ending ${status}` }, endingOf(entry, t));
    const row = element("div", { className: "actions" }, ...actions(entry), timeOf(entry, moments));
    meta.replaceChildren(ending, row);
  }

  /** @param place undefined: it only loads what lists them, so that this is there when the answer has ended */
  function showSources(place: HTMLElement | undefined): void {
    place?.replaceChildren();
    if (entry.sources.size > 0)
      load("sources").then(({ listSources }) => {
        listSources?.(entry.sources, t.sources, node, place);
      }, print);
  }

  update();
  return {
    node,
    update,
    explain: (sentence) => dots.append(element("span", {}, sentence)),
  };
}

/** Three signs that something is on its way. To those who cannot see them, that is said apart. */
export function createSigns(className: string): HTMLElement {
  const sign = () => element("i");
  return element("div", { className, ariaHidden: true }, sign(), sign(), sign());
}

function timeOf({ time }: Entry, moments: Moments): HTMLElement {
  const dateTime = new Date(time).toISOString();
  return element("time", { dateTime, title: moments.full(time) }, moments.time(time));
}
