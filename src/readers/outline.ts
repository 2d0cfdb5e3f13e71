import type { Part } from "../text/document.ts";

/** What a reader finds from top to bottom: headings and the text under them. */
export type Piece =
  | {
      readonly kind: "heading";
      /** 1 is the outermost. */
      readonly level: number;
      readonly text: string;
      readonly anchor: string;
    }
  | { readonly kind: "text"; readonly text: string }
  /** What stands under headings of this level or deeper has ended. */
  | { readonly kind: "end"; readonly level: number };

/** The first of the outermost headings, which is often the title of the document. Empty when there is none. */
export function topHeadingOf(pieces: readonly Piece[]): string {
  const top = pieces.find((piece) => piece.kind === "heading" && piece.level === 1);
  return top?.kind === "heading" ? top.text : "";
}

/** The parts that the pieces make. A heading that is the title of the document is not above its parts. */
export function partsOf(pieces: Iterable<Piece>, title: string): Part[] {
  const outline = new Outline(title);
  for (const piece of pieces) outline.add(piece);
  return outline.end();
}

interface Heading {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
  /** Whether something stands under it. */
  isUsed: boolean;
}

class Outline {
  readonly #title: string;
  readonly #parts: { path: readonly string[]; anchor: string; texts: string[] }[] = [];
  readonly #headings: Heading[] = [];

  constructor(title: string) {
    this.#title = title;
  }

  add(piece: Piece): void {
    if (piece.kind === "text") return this.#put(piece.text);
    this.#leave(piece.level);
    if (piece.kind === "end") return;
    const parent = this.#headings.at(-1);
    if (parent !== undefined) parent.isUsed = true;
    const isTitle = parent === undefined && piece.text === this.#title;
    const text = isTitle ? "" : piece.text;
    this.#headings.push({ level: piece.level, text, anchor: piece.anchor, isUsed: false });
  }

  end(): Part[] {
    this.#leave(0);
    return this.#parts.map(({ path, anchor, texts }) => ({
      path,
      anchor,
      text: texts.join("\n\n"),
    }));
  }

  /** A heading with nothing under it is text itself: "Mon to Fri, 9 to 17". */
  #leave(level: number): void {
    while ((this.#headings.at(-1)?.level ?? -1) >= level) {
      const heading = this.#headings.pop();
      if (heading !== undefined && !heading.isUsed) this.#put(heading.text);
    }
  }

  #put(text: string): void {
    if (text === "") return;
    const above = this.#headings.at(-1);
    if (above !== undefined) above.isUsed = true;
    const path = this.#headings.map((heading) => heading.text).filter((each) => each !== "");
    const anchor = above?.anchor ?? "";
    const last = this.#parts.at(-1);
    const isSamePlace =
      last !== undefined &&
      last.anchor === anchor &&
      last.path.length === path.length &&
      last.path.every((each, at) => each === path[at]);
    if (isSamePlace) last.texts.push(text);
    else this.#parts.push({ path, anchor, texts: [text] });
  }
}
