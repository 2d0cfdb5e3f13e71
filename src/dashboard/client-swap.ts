/**
 * Links that show the same page otherwise: only its live part is fetched, so that the focus and the place on the page
 * stay. Without this script, they load the page.
 * @param show fetches the page at the present address and shows it; false when it could not
 */
export function followSwaps(show: () => Promise<boolean>): void {
  document.addEventListener("click", (event) => {
    const { target, button, ctrlKey, metaKey, shiftKey, altKey } = event;
    const link = target instanceof Element && target.closest<HTMLAnchorElement>("a[data-swap]");
    if (!link || button !== 0 || ctrlKey || metaKey || shiftKey || altKey) return;
    event.preventDefault();
    history.replaceState(null, "", link.href);
    void show().then((isShown) => isShown || location.reload());
  });
}
