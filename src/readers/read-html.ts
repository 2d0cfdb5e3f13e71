import { atOnce } from "../runtime/event-loop-turn.ts";
import type { ReadDocument } from "../text/document.ts";
import { HtmlFacts } from "./html-facts.ts";
import { HtmlLayout } from "./html-layout.ts";
import { titleOf } from "./html-title.ts";
import { readTokens } from "./html-tokens.ts";
import { lengthOf } from "./main-text.ts";
import { partsOf, type Piece } from "./outline.ts";
import { type NoReading, type Reading, readingOf } from "./reading.ts";

/** What a page holds. Addresses are http or https, absolute, and without a fragment. */
export interface HtmlPage {
  readonly reading: Reading;
  /** The address that the page says it has. */
  readonly canonical: string | undefined;
  /** Where it links to, in its order. Links that say `nofollow` are left out. */
  readonly links: readonly string[];
  /** False when a `robots` element of the page says `noindex`. */
  readonly isIndexable: boolean;
  /** False when it says `nofollow`. */
  readonly areLinksFollowed: boolean;
}

const NEEDS_A_BROWSER: NoReading = {
  kind: "empty",
  reason:
    "There is no text in it: is it made in the browser, by JavaScript? Notes, files or an llms-full.txt can stand in for it.",
};

const NEEDS_A_PASSWORD: NoReading = {
  kind: "empty",
  reason: "It asks for a password, and has hardly any text besides.",
};

/** With less text than this, most of the page may have been taken for its frame. */
const LITTLE_TEXT = 200;
const MUCH_TEXT = 600;
/** What is left of a page that says that it is loading. */
const HARDLY_ANY_TEXT = 25;

/**
 * Reads a page of HTML: its text under its headings, without navigation, footers, and what nobody sees. `address`
 * is where it was found, or empty; links that are relative to nothing are left out. Never throws.
 */
export function readHtml(html: string, address: string): HtmlPage {
  return atOnce(readHtmlInSteps(html, address));
}

/** Does the same in steps of some milliseconds, so that others can work between two of them. */
export function* readHtmlInSteps(html: string, address: string): Generator<undefined, HtmlPage> {
  const facts = new HtmlFacts();
  let found = yield* layOut(html, facts, false);
  if (found.length < LITTLE_TEXT && found.shownLength >= MUCH_TEXT) {
    found = yield* layOut(html, new HtmlFacts(), true);
  }
  const title = titleOf(facts.name, found.topHeadings);
  const parts = found.length === 0 ? [] : partsOf(found.pieces, title);
  const document: ReadDocument = { title, lang: facts.lang, parts };
  return {
    reading: toReading(document, found.length, facts),
    canonical: facts.canonical(address),
    links: facts.links(address),
    isIndexable: facts.isIndexable,
    areLinksFollowed: facts.areLinksFollowed,
  };
}

function toReading(document: ReadDocument, length: number, facts: HtmlFacts): Reading {
  const { scripts, asksForPassword } = facts;
  if (asksForPassword && length < LITTLE_TEXT) return NEEDS_A_PASSWORD;
  if (scripts > 0 && length < HARDLY_ANY_TEXT) return NEEDS_A_BROWSER;
  return readingOf(document);
}

interface Found {
  readonly pieces: readonly Piece[];
  /** Characters of the pieces, and of everything that the page shows. */
  readonly length: number;
  readonly shownLength: number;
  readonly topHeadings: readonly string[];
}

function* layOut(html: string, facts: HtmlFacts, withFrame: boolean): Generator<undefined, Found> {
  const layout = new HtmlLayout(facts, withFrame);
  yield* readTokens(html, layout);
  const placed = layout.finish();
  const pieces = placed.choose();
  return {
    pieces,
    length: lengthOf(pieces),
    shownLength: layout.shownLength,
    topHeadings: placed.topHeadings(),
  };
}
