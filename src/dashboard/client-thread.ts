import { highlight } from "../widget/markdown/highlight.ts";
import { createMarkdownReader } from "../widget/markdown/parse.ts";
import { followComposer } from "./client-composer.ts";
import { type Tag, tagsOf } from "./markdown-tags.ts";

/**
 * The script of a thread's page. It shows an answer while it is being written, as its visitor sees it. client.ts has the
 * connection, and fetches the page when a message is stored.
 */

/** An event of the answer, as visitors get it. Other fields are for other clients. */
interface AnswerEvent {
  readonly type: "start" | "sources" | "token" | "done" | "error";
  readonly token?: string;
  readonly message?: string;
  readonly sources?: readonly { readonly number: number }[];
}

interface AnswerEvents {
  readonly turnId: string;
  readonly events: readonly AnswerEvent[];
}

/** How near to its end a reader must be to follow the page as it grows, in CSS pixels. */
const NEAR_END = 80;

const region = document.querySelector<HTMLElement>("[data-live^=c_]");
if (region) follow(region);
const composer = document.querySelector<HTMLFormElement>("form[data-composer]");
if (region && composer) followComposer(composer, region);

function follow(page: HTMLElement): void {
  const answers = new Map<string, LiveAnswer>();
  const keepPlace = followEnd(page);
  page.addEventListener("chatporch:answer", (event) => {
    if (!(event instanceof CustomEvent)) return;
    const { turnId, events }: AnswerEvents = event.detail;
    const answer = answers.get(turnId) ?? new LiveAnswer(turnId);
    answers.set(turnId, answer);
    for (const each of events) answer.take(each);
    keepPlace(() => answer.show(page));
  });
  page.addEventListener("chatporch:replaced", () => {
    keepPlace(() => {
      for (const [turnId, answer] of answers) {
        if (!answer.show(page) && answer.hasEnded) answers.delete(turnId);
      }
    });
  });
}

/** Keeps a reader who is at the end of the page there. Returns what lets the page grow. */
function followEnd(page: HTMLElement): (grow: () => void) => void {
  const scroller = scrollerOf(page);
  const isNear = () =>
    scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
  let top = scroller.scrollTop;
  let isAtEnd = isNear();
  const look = () => {
    if (scroller.scrollTop < top) isAtEnd = false;
    else if (scroller.scrollTop > top) isAtEnd = isNear();
    top = scroller.scrollTop;
  };
  document.addEventListener("scroll", look, { capture: true, passive: true });
  return (grow) => {
    look();
    grow();
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  };
}

/** What scrolls the page: a part of it beside the list, or the whole. */
function scrollerOf(page: HTMLElement): Element {
  for (let each = page.parentElement; each; each = each.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
  }
  return document.scrollingElement ?? document.documentElement;
}

/** An answer that is being written, or was just now. */
class LiveAnswer {
  readonly #turnId: string;
  #text = "";
  #sources: ReadonlySet<number> = new Set();
  readonly #read = createMarkdownReader();
  #hasEnded = false;

  constructor(turnId: string) {
    this.#turnId = turnId;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  take({ type, token = "", message, sources = [] }: AnswerEvent): void {
    if (type === "start") this.#text = "";
    if (type === "token") this.#text += token;
    if (type === "sources" || type === "done") {
      this.#sources = new Set(sources.map(({ number }) => number));
    }
    if (type === "done") this.#text = message ?? this.#text;
    if (type === "done" || type === "error") this.#hasEnded = true;
  }

  /** False when the page does not have it, or has it whole. */
  show(page: HTMLElement): boolean {
    const item = page.querySelector(`[data-growing="${CSS.escape(this.#turnId)}"]`);
    const content = item?.querySelector<HTMLElement>("[data-written]");
    if (!item || !content) return false;
    if (this.#hasEnded) item.querySelector(".badge.streaming")?.remove();
    patch(content, content.localName === "pre" ? [this.#text] : this.#tags(item.id));
    return true;
  }

  #tags(anchor: string): (Tag | string)[] {
    const nodes = this.#read(this.#text, {
      highlight,
      sources: this.#sources,
      isGrowing: !this.#hasEnded,
    });
    return tagsOf(nodes, { sourceAddress: (number) => `#${anchor}-${number}` });
  }
}

/** Makes the children of an element the given ones. What stays the same is not touched, so that it stays selected. */
function patch(parent: Element, tags: readonly (Tag | string)[]): void {
  tags.forEach((tag, at) => {
    const old = parent.childNodes[at];
    if (old && becomes(old, tag)) return;
    const made = createNode(tag);
    if (old) parent.replaceChild(made, old);
    else parent.append(made);
  });
  while (parent.childNodes.length > tags.length) parent.lastChild?.remove();
}

/** Changes a node into what the tag says. False when another node is needed. */
function becomes(old: ChildNode, tag: Tag | string): boolean {
  if (typeof tag === "string") {
    if (!(old instanceof Text)) return false;
    if (tag.startsWith(old.data)) old.appendData(tag.slice(old.data.length));
    else old.data = tag;
    return true;
  }
  const attributes = Object.entries(tag.attributes);
  const isAlike =
    old instanceof Element &&
    old.localName === tag.name &&
    old.attributes.length === attributes.length &&
    attributes.every(([name, value]) => old.getAttribute(name) === value);
  if (isAlike) patch(old, tag.children);
  return isAlike;
}

function createNode(tag: Tag | string): Node {
  if (typeof tag === "string") return document.createTextNode(tag);
  const element = document.createElement(tag.name);
  for (const [name, value] of Object.entries(tag.attributes)) element.setAttribute(name, value);
  element.append(...tag.children.map(createNode));
  return element;
}
