/** Browsers round the scale of a page that nobody has zoomed. */
const MAX_SCALE = 1.01;

/**
 * Sets `--top` and `--height` to what the on-screen keyboard leaves of the screen, in pixels. Where two fingers have zoomed
 * in, they stay as they are, so that the visitor sees a part of the panel enlarged.
 * @param root gets the variables
 * @param origin that from whose upper edge `--top` counts
 */
export function followKeyboard(root: HTMLElement, origin: Element, signal: AbortSignal): void {
  const viewport = visualViewport;
  const fit = () => {
    if (!viewport || viewport.scale > MAX_SCALE) return;
    const { top } = origin.getBoundingClientRect();
    root.style.setProperty("--top", `${viewport.offsetTop - top}px`);
    root.style.setProperty("--height", `${viewport.height}px`);
  };
  for (const type of ["resize", "scroll"]) viewport?.addEventListener(type, fit, { signal });
  fit();
}
