import { BLOCKS, ENDS_PARAGRAPH, IMPLIED_ENDS } from "./html-elements.ts";

/** An element that has begun and not ended. */
export interface OpenElement {
  readonly name: string;
  /** What is to be done when it ends, the last first. */
  readonly endings: (() => void)[];
}

/** How far an element is looked for among the open ones, so that no page makes reading slow. */
const MAX_STEPS = 64;

/** Pages do not nest deeper. What begins below is text without an element of its own. */
const MAX_OPEN = 2000;

/** The open elements of a page, with the ends that authors may leave out or forget. */
export class OpenElements {
  readonly #stack: OpenElement[] = [];
  readonly #counts = new Map<string, number>();

  has(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  get isFull(): boolean {
    return this.#stack.length >= MAX_OPEN;
  }

  push(element: OpenElement): void {
    this.#stack.push(element);
    this.#counts.set(element.name, (this.#counts.get(element.name) ?? 0) + 1);
  }

  /** Ends what an element of this name cannot stand in. */
  makeRoomFor(name: string): void {
    const rule = IMPLIED_ENDS.get(name);
    if (rule !== undefined) this.#endNearest(rule.ends, rule.within);
    if (BLOCKS.has(name) && this.has("p")) {
      this.#endNearest(ENDS_PARAGRAPH.ends, ENDS_PARAGRAPH.within);
    }
  }

  /** An end tag. Returns false when it ends nothing. */
  end(name: string): boolean {
    if (!this.has(name)) return false;
    if (!BLOCKS.has(name) && !this.#isNearerThanBlocks(name)) return false;
    this.#endThrough((each) => each.name === name);
    return true;
  }

  /** Ends the innermost elements as long as it is necessary. */
  endWhile(isNecessary: () => boolean): void {
    while (isNecessary() && this.#pop() !== undefined);
  }

  #endNearest(names: readonly string[], within: ReadonlySet<string>): void {
    const lowest = Math.max(this.#stack.length - MAX_STEPS, 0);
    for (let at = this.#stack.length - 1; at >= lowest; at--) {
      const element = this.#stack[at];
      if (element === undefined || within.has(element.name)) return;
      if (names.includes(element.name)) return this.#endThrough((each) => each === element);
    }
  }

  /** As browsers do: `</span>` does not end a block that has begun in the span. */
  #isNearerThanBlocks(name: string): boolean {
    const lowest = Math.max(this.#stack.length - MAX_STEPS, 0);
    for (let at = this.#stack.length - 1; at >= lowest; at--) {
      const found = this.#stack[at]?.name ?? "";
      if (found === name) return true;
      if (BLOCKS.has(found)) return false;
    }
    return false;
  }

  #endThrough(isLast: (element: OpenElement) => boolean): void {
    for (;;) {
      const element = this.#pop();
      if (element === undefined || isLast(element)) return;
    }
  }

  #pop(): OpenElement | undefined {
    const element = this.#stack.pop();
    if (element === undefined) return undefined;
    this.#counts.set(element.name, (this.#counts.get(element.name) ?? 1) - 1);
    for (const ending of element.endings.toReversed()) ending();
    return element;
  }
}
