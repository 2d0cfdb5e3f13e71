/**
 * What the loader and the panel know of each other. They may come from different versions of the server: browsers and
 * proxies keep a loader, and pages stay open, while the server is upgraded. So:
 *
 * - Nothing here is ever renamed, removed or given another meaning. The two names in storage belong to it, too.
 * - The panel treats a member that came after version 1 as one that may be missing, and so does the loader.
 * - `version` rises with every new member, so that either side can see what the other one has.
 *
 * tests/e2e/widget-upgrade.test.ts runs the panel of today with a loader of every version.
 */
export const CONTRACT_VERSION = 3;

/** The name of the visitor's session in localStorage, followed by the server's address and the conversation's name. */
export const SESSION_NAME = "chatporch:1:";
/** @param conversation its name; empty: the only one with this server */
export function sessionName(apiUrl: string, conversation: string): string {
  return SESSION_NAME + apiUrl + (conversation && `#${conversation}`);
}

/** The name in sessionStorage that says for this tab, from page to page, whether the visitor has the panel open. */
export const OPEN_NAME = "chatporch:open";

/** The loader's side, which the panel uses. */
export interface Stage {
  readonly version: number;
  /** The script tag's `data-*` attributes. */
  readonly data: Readonly<Record<string, string | undefined>>;
  /** The address that the loader came from; empty when it has none. */
  readonly scriptUrl: string;
  /** Holds the launcher. It is in an open shadow root, to which the panel adds its styles. */
  readonly root: HTMLElement;
  /** Gets the focus when the panel closes and what had the focus before is gone. */
  readonly launcher: HTMLElement;
  /** Aborted when the widget is removed from the page. */
  readonly signal: AbortSignal;
  /** Calls the page's listeners. They get the detail as it is. */
  emit(event: string, detail?: unknown): void;
  /** Called after the panel has opened or closed. */
  onToggle(isOpen: boolean): void;
  /** Called with the number of answers that ended while the panel was closed. */
  onUnread(count: number): void;
  /**
   * Since version 2. The panel is a part of the page (`inline`) or fills it (`page`): it is always open, and has no
   * launcher. Missing: it stands in front of the page, and its launcher opens and closes it.
   */
  readonly mode?: "inline" | "page";
  /** Since version 2. The name of one of several conversations with the same server. */
  readonly conversation?: string;
  /** Since version 3. Called with the launcher's accessible name: what pressing it does, and how many answers are new. */
  onName?(name: string): void;
}

/** The panel's side, which the loader uses. Every method may be called at any time until the signal aborts. */
export interface Panel {
  /** Without `takesFocus`, the focus stays in the page. */
  open(takesFocus: boolean): void;
  close(): void;
  /** Asks, after the answers under way. A refused text causes an `error` event with the code `not_sent`. */
  send(text: string): void;
  /** Begins a new conversation. */
  reset(): void;
  /**
   * Since version 2. Shows what other attributes say, in the same conversation with the same server: `apiUrl`, `apiKey`,
   * `mode` and `conversation` are those of the stage.
   */
  set?(data: Stage["data"]): void;
  /** Since version 3. Shows the greeting beside the launcher, if the visitor has not used the chat yet. */
  greet?(): void;
}

/**
 * What the panel's file exports. Since version 3 the file's name has a language, which is what the panel speaks at first.
 * A file without one speaks all.
 */
export interface PanelModule {
  /** Adds the panel to the stage, closed. Called once for each stage. */
  mount(stage: Stage): Panel;
  /** Since version 3. What the panel says, by language and name. Another panel reads it, perhaps of another version. */
  readonly sentences?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
