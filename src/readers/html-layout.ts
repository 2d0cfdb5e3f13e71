import { cleanText } from "./clean-text.ts";
import { BEHAVIOURS, type Surroundings } from "./html-behaviours.ts";
import {
  BLOCKS,
  type Omission,
  omissionOf,
  placeOf,
  SPACED_BLOCKS,
  VOID_ELEMENTS,
} from "./html-elements.ts";
import type { HtmlFacts } from "./html-facts.ts";
import { type OpenElement, OpenElements } from "./html-open-elements.ts";
import type { Attributes, TokenSink } from "./html-tokens.ts";
import { HtmlWriter } from "./html-writer.ts";
import type { PlacedPieces } from "./main-text.ts";

const HEADING = /^h[1-6]$/;
/** What does not stand in a heading: the heading was not closed. */
const ENDS_HEADING: ReadonlySet<string> = new Set("h1 h2 h3 h4 h5 h6 ol p pre table ul".split(" "));

/** Lays a page out as text: what a visitor sees, in its order. */
export class HtmlLayout implements TokenSink {
  /** How many characters the page shows, with its frame. */
  shownLength = 0;
  readonly #facts: HtmlFacts;
  readonly #withFrame: boolean;
  readonly #open = new OpenElements();
  readonly #omitted: Record<Omission, number> = { never: 0, hidden: 0, frame: 0 };
  readonly #writer = new HtmlWriter();
  readonly #around: Surroundings = { writer: this.#writer, tables: [], lists: [], details: 0 };
  /** The ids of what buttons of the page open, such as the answers of a list of questions. */
  readonly #opened = new Set<string>();
  #isInTitle = false;

  /** With `withFrame` it also reads navigation, footers and the like. */
  constructor(facts: HtmlFacts, withFrame: boolean) {
    this.#facts = facts;
    this.#withFrame = withFrame;
  }

  start(name: string, attributes: Attributes): void {
    this.#facts.see(name, attributes);
    if (name === "title") this.#isInTitle = this.#facts.title === "" && !this.#open.has("svg");
    if (this.#writer.isInHeading && ENDS_HEADING.has(name)) this.#endHeading();
    this.#open.makeRoomFor(name);
    if (VOID_ELEMENTS.has(name)) return this.#addVoid(name, attributes);
    const place = placeOf(name, attributes);
    // A page has its main part outside of its navigation, so that one was not closed.
    if (place === "main") this.#open.endWhile(() => this.#omitted.frame > 0);
    if (this.#open.isFull) return;
    const element: OpenElement = { name, endings: [] };
    this.#open.push(element);
    this.#omit(element, attributes);
    if (!this.#isShown) return;
    if (place !== undefined) element.endings.push(this.#writer.enter(place));
    if (BLOCKS.has(name) || name === "button") this.#block(element);
    const ending = BEHAVIOURS.get(name)?.(this.#around, attributes);
    if (ending !== undefined) element.endings.push(ending);
  }

  end(name: string): void {
    if (name === "title") this.#isInTitle = false;
    if (HEADING.test(name) && this.#writer.isInHeading) return this.#endHeading();
    if (!this.#open.end(name) && name === "p" && this.#isShown) this.#writer.break(2);
  }

  text(text: string): void {
    if (this.#isInTitle) this.#facts.title += text;
    if (this.#omitted.never > 0 || this.#omitted.hidden > 0) return;
    this.shownLength += text.trim().length;
    if (this.#isShown) this.#write(text);
  }

  /** The page has ended. */
  finish(): PlacedPieces {
    this.#open.endWhile(() => true);
    this.#writer.end();
    return this.#writer.pieces;
  }

  get #isShown(): boolean {
    const { never, hidden, frame } = this.#omitted;
    return never === 0 && hidden === 0 && (frame === 0 || this.#withFrame);
  }

  #write(text: string): void {
    const cleaned = cleanText(text);
    if (cleaned !== "") this.#writer.add(cleaned);
  }

  #endHeading(): void {
    this.#open.endWhile(() => this.#writer.isInHeading);
  }

  #block({ name, endings }: OpenElement): void {
    const isInside = this.#around.lists.length > 0 || this.#around.tables.length > 0;
    const lines = SPACED_BLOCKS.has(name) && !isInside ? 2 : 1;
    this.#writer.break(lines);
    endings.push(() => this.#writer.break(lines));
  }

  #omit({ name, endings }: OpenElement, attributes: Attributes): void {
    const controls = attributes.get("aria-controls");
    if (controls !== undefined && this.#opened.size < MAX_OPENED) this.#opened.add(controls);
    const omission = this.#omissionOf(name, attributes);
    if (omission === undefined) return;
    this.#omitted[omission]++;
    endings.push(() => {
      this.#omitted[omission]--;
    });
  }

  #omissionOf(name: string, attributes: Attributes): Omission | undefined {
    if (name === "button") {
      // The question above an answer that opens is often a button.
      const opens = attributes.has("aria-expanded") || attributes.has("aria-controls");
      return opens || this.#writer.isInHeading ? undefined : "never";
    }
    if ((name === "label" || name === "legend") && this.#open.has("form")) return "never";
    const omission = omissionOf(name, attributes);
    const isOpened =
      this.#opened.has(attributes.get("id") ?? "") || attributes.get("role") === "tabpanel";
    return omission === "hidden" && isOpened ? undefined : omission;
  }

  #addVoid(name: string, attributes: Attributes): void {
    if (!this.#isShown) return;
    if (name === "br") this.#writer.breakLine();
    else if (name === "hr") this.#writer.break(2);
    else if (name === "img") {
      const description = attributes.get("alt")?.trim() ?? "";
      const saysSomething = description.length > 3 && !/\.\w{3,4}$|^image\b/i.test(description);
      if (saysSomething && attributes.get("role") !== "presentation") {
        this.#write(` [${description}] `);
      }
    }
  }
}

const MAX_OPENED = 2000;
