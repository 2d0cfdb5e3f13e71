import { CLICK_HIT, clickable, inPage, polling } from "../support/in-page.ts";
import type { Tab } from "./browser.ts";

const WAIT_MS = 20_000;

/** What a visitor does in a tab. Selectors reach into open shadow roots. */
export interface Visitor {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  evaluate<T = unknown>(expression: string): Promise<T>;
  /** Waits until the expression is true. */
  sees(expression: string): Promise<void>;
  click(selector: string): Promise<void>;
  press(key: string, times?: number): Promise<void>;
  /** Writes into the input of the widget and sends it with the keyboard. */
  asks(question: string): Promise<void>;
  type(text: string): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** Comes back to this tab from another one. */
  comesBack(): Promise<void>;
}

export function visitorIn(tab: Tab): Visitor {
  const evaluate = <T>(expression: string) => tab.evaluate<T>(inPage(expression));

  async function waitFor<T>(expression: string): Promise<T> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const found = await evaluate<{ value: T } | null>(
        polling(expression, Math.min(1000, deadline - Date.now())),
      );
      if (found) return found.value;
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${expression}`);
    }
  }

  const visitor: Visitor = {
    goto: tab.goto,
    reload: tab.reload,
    evaluate,
    async sees(expression) {
      await waitFor(expression);
    },
    async click(selector) {
      for (;;) {
        const { x, y } = await waitFor<{ x: number; y: number }>(clickable(selector));
        await tab.clickAt(x, y);
        // It may have moved after it stood still. Where the click has led away, nothing is known, and it was hit.
        const known = evaluate<{ hit?: boolean } | null>(`({ hit: ${CLICK_HIT} })`);
        if ((await known.catch(() => null))?.hit !== false) return;
      }
    },
    async press(key, times = 1) {
      for (let time = 0; time < times; time++) await tab.press(key);
    },
    async asks(question) {
      await visitor.click("textarea");
      await tab.type(question);
      await tab.press("Enter");
      await waitFor(`$$(".user .bubble").at(-1)?.textContent === ${JSON.stringify(question)}`);
    },
    type: tab.type,
    resize: tab.resize,
    comesBack: tab.toFront,
  };
  return visitor;
}
