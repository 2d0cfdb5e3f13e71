import { cleanLine } from "./clean-text.ts";
import type { Place } from "./html-elements.ts";
import { PlacedPieces } from "./main-text.ts";
import { TextFlow } from "./text-flow.ts";

/** A heading that is longer is a paragraph in the wrong clothes. */
const MAX_HEADING = 200;

/** Text that is put aside: a heading, or a header cell of a table. */
interface Capture {
  readonly flow: TextFlow;
  /** Whether it is a heading, and not a cell. */
  readonly isHeading: boolean;
}

/** Writes what a page shows: headings, and the text between them. */
export class HtmlWriter {
  readonly pieces = new PlacedPieces();
  readonly #flow = new TextFlow();
  readonly #places = new Map<Place, number>();
  /** What stands before the next text: the mark of a list entry, the separator of a cell. */
  #lead = "";
  #capture: Capture | undefined;
  #preformatted = 0;
  /** Characters so far. */
  #written = 0;
  /** The text of the link to a mail address or a telephone number that is open. */
  #contactText: string | undefined;
  /** The last fragment that was seen, if no text has followed it. */
  #anchor = "";

  get isCapturing(): boolean {
    return this.#capture !== undefined;
  }

  get isInHeading(): boolean {
    return this.#capture?.isHeading === true;
  }

  /** Adds text that the page shows. It is not empty. */
  add(text: string): void {
    if (this.#contactText !== undefined) this.#contactText += text;
    if (this.#capture !== undefined) return this.#capture.flow.add(text);
    const isBlank = text.trim() === "";
    if (isBlank && (this.#lead !== "" || this.#preformatted === 0)) return this.#flow.add(" ");
    if (!isBlank) {
      this.#anchor = "";
      this.#written += text.length;
    }
    const isAfterLead = this.#lead !== "";
    if (isAfterLead) this.#flow.addAsIs(this.#lead);
    this.#lead = "";
    if (this.#preformatted === 0) this.#flow.add(text);
    else this.#flow.addAsIs(isAfterLead ? text.trimStart() : text);
  }

  /** The next text stands on a line of its own, or with 2 in a paragraph of its own. */
  break(lines: 1 | 2): void {
    if (this.#capture !== undefined) this.#capture.flow.add(" ");
    else if (this.#lead === "") this.#flow.break(lines);
  }

  /** A line end within a paragraph. */
  breakLine(): void {
    if (this.#preformatted > 0 && this.#capture === undefined) this.#flow.addAsIs("\n");
    else this.break(1);
  }

  /** Puts `lead` before the next text. @returns a function for the end of the element whose text it is */
  lead(lead: string): () => void {
    this.#lead = lead;
    return () => {
      this.#lead = "";
    };
  }

  /** A cell begins that goes on in the line of its row, with `lead` before its text. */
  cell(row: { rowHasText: boolean }, lead: string): () => void {
    if (row.rowHasText) this.#flow.join();
    this.#lead = lead;
    const length = this.#written;
    return () => {
      this.#lead = "";
      if (this.#written > length) row.rowHasText = true;
    };
  }

  /** Adds a line of text, if it has any. */
  addLine(text: string): void {
    if (text === "") return;
    this.break(1);
    this.add(text);
    this.break(1);
  }

  /** A link to a mail address or a telephone number, which is written behind the link if its text says another thing. */
  contact(address: string): () => void {
    this.#contactText = "";
    return () => {
      const bare = (text: string) => text.replaceAll(/[\s()/.-]/g, "").toLowerCase();
      const isSaid = bare(this.#contactText ?? "").includes(bare(address));
      this.#contactText = undefined;
      if (!isSaid) this.add(` (${address})`);
    };
  }

  preformat(): () => void {
    this.#preformatted++;
    return () => {
      this.#preformatted--;
    };
  }

  /** A place of the page begins. @returns a function for its end */
  enter(place: Place): () => void {
    const change = (by: number) => {
      this.#flush();
      this.#places.set(place, (this.#places.get(place) ?? 0) + by);
    };
    change(1);
    return () => change(-1);
  }

  /** The fragment of an address at which the text that follows is found. */
  anchor(fragment: string | undefined): void {
    if (fragment !== undefined && /^\S{1,200}$/.test(fragment)) this.#anchor ||= fragment;
  }

  /** Puts the text of a cell aside. @returns a function that returns it at the cell's end */
  captureCell(): () => string {
    const capture: Capture = { flow: new TextFlow(), isHeading: false };
    this.#capture = capture;
    return () => {
      this.#capture = undefined;
      return cleanLine(capture.flow.take());
    };
  }

  /** A heading begins. @returns a function for its end */
  captureHeading(level: number, fragment: string | undefined): () => void {
    const capture: Capture = { flow: new TextFlow(), isHeading: true };
    this.#capture = capture;
    if (fragment !== undefined) this.#anchor = "";
    this.anchor(fragment);
    return () => {
      this.#capture = undefined;
      const text = cleanLine(capture.flow.take().replace(/\s*[¶#§🔗]\s*$/u, ""), Infinity);
      if (text.length <= MAX_HEADING) return this.#putHeading(level, text);
      this.break(2);
      this.add(text);
      this.break(2);
    };
  }

  /** What stands under headings of this level has ended. */
  endLevel(level: number): void {
    this.#flush();
    this.pieces.add({ kind: "end", level }, this.#placesNow());
  }

  end(): void {
    this.#flush();
  }

  #putHeading(level: number, text: string): void {
    if (text === "") return;
    this.#flush();
    this.pieces.add({ kind: "heading", level, text, anchor: this.#anchor }, this.#placesNow());
    this.#anchor = "";
  }

  #flush(): void {
    this.#lead = "";
    const text = this.#flow.take();
    if (text !== "") this.pieces.add({ kind: "text", text }, this.#placesNow());
  }

  #placesNow(): ReadonlySet<Place> {
    return new Set([...this.#places].filter(([, depth]) => depth > 0).map(([place]) => place));
  }
}
