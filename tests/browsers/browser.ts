/** A tab of a browser, with what every browser can do. Expressions run in the page and see `$` and `$$`. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** The value of an expression, through JSON. A promise is awaited. */
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Presses one key: `a`, or a name of the DOM such as `Enter`. */
  press(key: string): Promise<void>;
  /** Types into the element that has the focus. */
  type(text: string): Promise<void>;
  /** Clicks with the mouse, in pixels from the corner of what is seen. */
  clickAt(x: number, y: number): Promise<void>;
  /** Shows it instead of another tab. */
  toFront(): Promise<void>;
  /** The size of what is seen; a browser with windows may come only near to it. */
  resize(width: number, height: number): Promise<void>;
}

export interface Browser {
  openTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** How a browser is found and started. */
export interface BrowserKind {
  readonly name: string;
  /** What has to be there, and is not; empty when the browser can be started. */
  readonly missing: string;
  start(): Promise<Browser>;
}
