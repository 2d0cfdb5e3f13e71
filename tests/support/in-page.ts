/** Expressions that a browser evaluates in a page, for every browser that tests drive. */

/** Gives an expression `$` and `$$` without adding names to the page. */
export function inPage(expression: string): string {
  return `(() => {
    const $$ = (selector, root = document) => [...root.querySelectorAll("*")].flatMap((element) => [
      ...(element.matches(selector) ? [element] : []),
      ...(element.shadowRoot ? $$(selector, element.shadowRoot) : []),
    ]);
    const $ = (selector) => $$(selector)[0];
    return (${expression});
  })()`;
}

/** Evaluates at every frame. Returns `{value}` once it is truthy, and null when the time is over. */
export function polling(expression: string, milliseconds: number): string {
  return `new Promise((resolve, reject) => {
    const deadline = performance.now() + ${milliseconds};
    const look = async () => {
      try {
        const value = await (${expression});
        if (value) resolve({ value: value instanceof Node ? true : value });
        else if (performance.now() > deadline) resolve(null);
        else setTimeout(look, 16);
      } catch (error) {
        reject(error);
      }
    };
    void look();
  })`;
}

/**
 * The middle of the element, if a mouse would hit it there and it has not moved since the last frame. Whether the mouse did
 * hit it is in `CLICK_HIT` afterwards: it may have moved since.
 */
export function clickable(selector: string): string {
  return `(async () => {
    const element = $(${JSON.stringify(selector)});
    if (!element || element.disabled) return null;
    element.scrollIntoView({ block: "nearest", behavior: "instant" });
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const before = element.getBoundingClientRect();
    await frame();
    const { x, y, width, height } = element.getBoundingClientRect();
    if (before.x !== x || before.y !== y || width === 0 || height === 0) return null;
    const middle = { x: x + width / 2, y: y + height / 2 };
    const hit = element.getRootNode().elementFromPoint(middle.x, middle.y);
    if (!hit || !(element.contains(hit) || hit.contains(element))) return null;
    // What is inside of the element may be drawn anew before the mouse is there.
    const target = element.contains(hit) ? element : hit;
    window.clickHit = undefined;
    const look = (event) => { window.clickHit = event.composedPath().includes(target); };
    window.addEventListener("mousedown", look, { capture: true, once: true });
    return middle;
  })()`;
}

/** Whether the last click hit what was `clickable`. Undefined in a new document. */
export const CLICK_HIT = "window.clickHit";

/**
 * A smooth movement has ended: nothing has moved for ten frames. A busy browser makes them seldom. Who waits for the next
 * movement counts anew.
 */
export const STANDS_STILL = `new Promise(requestAnimationFrame).then(() => {
  const top = $('.scroll').scrollTop;
  window.still = window.seenTop === top ? still + 1 : 0;
  window.seenTop = top;
  const isOver = still > 10;
  if (isOver) window.still = 0;
  return isOver;
})`;
