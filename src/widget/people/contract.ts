import type { Stage } from "../contract.ts";

/**
 * What the panel and the file of ratings and people (main.ts) know of each other. The server may have another version of the
 * file than of the panel that loads it, so nothing here is ever renamed, removed or given another meaning, and either side
 * treats a member that comes later as one that may be missing.
 */

/** A message, as the panel keeps it. It stays the same object for as long as it is shown. */
export interface Message {
  readonly role: "user" | "assistant";
  readonly status: string;
  readonly text: string;
  /**
   * What the server says of it, unchecked. In the history: `id`, `turnId`, `author`, `rating`. Of an answer that began on this
   * page: `turnId`. Missing in a question that was asked on this page.
   */
  readonly stored?: Readonly<Record<string, unknown>>;
  /** Why its question was not answered, at a limit of the server: `budget_reached`, `model_off`, `share_reached`. */
  readonly code?: string;
  /** The server has sent the event `handoff` for it. */
  readonly isPoor?: boolean;
}

/** A line of the panel's menu. */
export interface MenuLine {
  readonly text: string;
  readonly act: () => void;
}

/** The panel's side, of one view: another one, with another host, takes its place when its attributes change. */
export interface PeopleHost {
  /** The panel's attributes, and the server's address, as the panel reads it. */
  readonly data: Stage["data"];
  readonly apiUrl: string;
  /** Aborted when the view is gone. */
  readonly signal: AbortSignal;
  /** Stays the same when another view takes the place of this one. Its root has the language of the view. */
  readonly stage: Stage;
  /** Its element has a subtitle, with the id `subtitle`. */
  readonly frame: { readonly node: HTMLElement; isOpen(): boolean };
  readonly conversation: {
    entries(): readonly Message[];
    /** What the history said last of who answers besides the model, unchecked. Undefined: nothing. */
    person(): unknown;
    /** Reads the history again, after the answer under way. */
    refresh(): void;
    /** Set by the file: what stays when another view takes the place of this one. */
    memory?: unknown;
  };
  readonly list: {
    /** Below the messages. */
    readonly end: HTMLElement;
    /** The element of a message has a heading, a `.bubble`, and once an answer has ended a row of `.actions`. */
    readonly views: ReadonlyMap<Message, { readonly node: HTMLElement }>;
    /** Says something to users of assistive technology. */
    readonly announcer: { say(text: string): void };
  };
  readonly api: {
    /**
     * Sends a request with the key of the page and the token of the session. Throws an Error with the code as its message,
     * and a `kind` (panel/failure.ts).
     */
    call(
      requestFor: (sessionId: string) => readonly [path: string, init: RequestInit],
    ): Promise<Response>;
  };
  /** Gives the file of that name beside the panel's. */
  load(name: string): Promise<{ readonly createPeople?: CreatePeople }>;
  /** Tells the page of a message, and counts it at the launcher while the panel is closed. */
  notify(message: Message): void;
  /** Set by the file. */
  people?: People;
}

/** The file's side. */
export interface People {
  /** Called after every rendering of the messages. */
  update(): void;
  /** What the menu has besides. */
  menu(): readonly MenuLine[];
}

/** What the server's settings say of it (`people` in /widget/settings.json), unchecked. */
export type PeopleSettings = Readonly<Record<string, unknown>>;

export type CreatePeople = (host: PeopleHost, told: PeopleSettings) => People;
