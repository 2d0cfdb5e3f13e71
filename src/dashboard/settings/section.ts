import type { Connection } from "../../http/connection.ts";
import type { Content } from "../html.ts";
import type { Session } from "../session.ts";

/** One of the pages under /dashboard/settings. */
export interface SettingsSection {
  /** The last part of its path. */
  readonly id: string;
  readonly name: string;
  /** The names of its fields, which show their problems themselves. */
  readonly fieldNames: readonly string[];
  body(view: SectionView): Promise<Content> | Content;
  /** Does what one of its buttons says. */
  submit(form: SubmittedForm): Promise<Submitted>;
}

/** What a page is made from, besides the settings themselves. */
export interface SectionView {
  readonly session: Session;
  /** Where its forms are sent to. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What was entered and not stored, by the names of the fields. Undefined: the page was only opened. */
  readonly entered: Fields | undefined;
  /** What is wrong with a field, as a sentence. */
  readonly problems: ReadonlyMap<string, string>;
  /** Something that only this answer shows, such as the result of a trial. */
  readonly shown: Content;
}

export type Fields = Readonly<Record<string, string>>;

export interface SubmittedForm extends Connection {
  readonly fields: Fields;
  /** The owner, as the audit list names him. */
  readonly by: string;
}

/** What becomes of a form. */
export type Submitted =
  /** The browser loads the page anew, so that a reload does not send the form again. */
  | {
      readonly kind: "done";
      readonly says: Confirmation;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The form comes back with what was entered. */
  | {
      readonly kind: "again";
      readonly status: 200 | 400 | 409;
      readonly problems?: ReadonlyMap<string, string>;
      readonly shown?: Content;
    }
  | { readonly kind: "response"; readonly response: Response };

/** What the page says after something was done. The address names it, so it is chosen from here. */
export const CONFIRMATIONS = {
  saved: "Saved. It is in use now.",
  unchanged: "Nothing to change: it was like this already.",
  allowed: "This website may now use the chat.",
  removed: "This website may no longer use the chat.",
  forgotten: "Off the list until it is refused again.",
  again: "They are being sent again.",
  "model-off": "The model is off. Questions are refused, and answers under way are cut.",
  "model-on": "The model answers again.",
  made: "The key is created and works now.",
  revoked: "The key is revoked.",
  password: "The password is changed. Everybody else is logged out.",
} as const;

export type Confirmation = keyof typeof CONFIRMATIONS;

/** A form that was sent without a button that the page has. */
export const NOTHING_DONE: Submitted = { kind: "again", status: 400 };
