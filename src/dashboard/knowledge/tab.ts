import type { Content } from "../html.ts";
import type { Session } from "../session.ts";

/** One of the pages under /dashboard/knowledge, and what stands below it. */
export interface KnowledgeTab {
  /** The second part of its path. Pages without a name of their own are not in the navigation. */
  readonly id: string;
  readonly name: string | undefined;
  /** @throws AppError not_found */
  page(view: TabView): Promise<TabPage> | TabPage;
  /** Does what one of its buttons says. @throws AppError not_found */
  submit(form: TabForm): Promise<Submitted>;
}

/** What a page is made from. */
export interface TabView {
  readonly session: Session;
  /** The third part of the path, such as a source's id. */
  readonly id: number | undefined;
  readonly query: URLSearchParams;
  /** What was entered and not stored. Undefined: the page was only opened. */
  readonly entered: Fields | undefined;
  /** What is wrong with a field, as a sentence. */
  readonly problems: Problems;
}

export interface TabPage {
  readonly title: string;
  readonly body: Content;
}

export interface TabForm {
  readonly id: number | undefined;
  readonly fields: Fields;
  readonly files: readonly File[];
}

export type Fields = Readonly<Record<string, string>>;
/** By the names of the fields. */
export type Problems = ReadonlyMap<string, string>;

/** What becomes of a form. */
export type Submitted =
  /** The browser loads a page anew, so that a reload does not send the form again. */
  | { readonly kind: "done"; readonly path: string; readonly says: Confirmation }
  /** The form comes back with what was entered. */
  | { readonly kind: "again"; readonly status: 400 | 409; readonly problems: Problems };

/** What the page says after something was done. The address names it, so it is chosen from here. */
export const CONFIRMATIONS = {
  reading: "It is being read. You can watch it here.",
  options: "Saved. It applies from the next reading on.",
  forgotten: "Forgotten. The model no longer gets any of it.",
  off: "Switched off. The model no longer gets it.",
  on: "Switched on. The model gets it again.",
  removed: "Removed.",
  note: "Saved. The next question can be answered from it.",
  answer: "Saved. The next question is answered from it.",
  ignored: "Off the list, even if it is asked again.",
  uploaded: "Read. The next question can be answered from it.",
} as const;

export type Confirmation = keyof typeof CONFIRMATIONS;

export const KNOWLEDGE_PATH = "/dashboard/knowledge";

/** A form that was sent without a button that the page has. */
export const NOTHING_DONE: Submitted = { kind: "again", status: 400, problems: new Map() };
