import type { Place } from "./html-elements.ts";
import type { Piece } from "./outline.ts";

/** Less text is not the text of a page. */
const MIN_LENGTH = 200;
/** How much of all text there must be in a place that the page says is its main part, or that only looks like it. */
const MIN_SHARE: Readonly<Record<Place, number>> = { main: 0.1, content: 0.35 };

/** The pieces of a page with the place where each stands. */
export class PlacedPieces {
  readonly #all: { readonly piece: Piece; readonly places: ReadonlySet<Place> }[] = [];

  add(piece: Piece, places: ReadonlySet<Place>): void {
    this.#all.push({ piece, places });
  }

  /** The outermost headings, those of the page's frame, too. */
  topHeadings(): string[] {
    return this.#all.flatMap(({ piece }) =>
      piece.kind === "heading" && piece.level === 1 ? [piece.text] : [],
    );
  }

  /** Those of the page's main part if it has one, or else all. */
  choose(): Piece[] {
    const all = this.#all.map(({ piece }) => piece);
    for (const place of ["main", "content"] as const) {
      const inside = this.#all.filter(({ places }) => places.has(place));
      const pieces = inside.map(({ piece }) => piece);
      const length = lengthOf(pieces);
      if (length >= MIN_LENGTH && length >= lengthOf(all) * MIN_SHARE[place]) return pieces;
    }
    return all;
  }
}

/** How many characters the pieces have. */
export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.kind === "end" ? 0 : piece.text.length), 0);
}
