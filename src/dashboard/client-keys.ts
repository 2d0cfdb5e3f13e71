/**
 * Keys that lead along a page. Links, buttons and fields say with aria-keyshortcuts which key they have: j and k the
 * conversations beside this one, Esc the way back, / the search, ? the list of these keys. In the list, j and k lead from
 * row to row. A key that is held down moves the focus again and again, and opens one page.
 */
export function followKeys(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-keys]")) button.hidden = false;
  document.addEventListener("keydown", (event) => {
    const { key: pressed, target, ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (defaultPrevented || ctrlKey || metaKey || altKey || isTyping(target)) return;
    // Esc closes it.
    if (pressed === "Escape" && isHelpOpen()) return;
    const element =
      document.querySelector<HTMLElement>(`[aria-keyshortcuts="${CSS.escape(pressed)}"]`) ??
      rowBeside(pressed);
    if (!element) return;
    event.preventDefault();
    if (element.ariaKeyShortcuts !== pressed || element instanceof HTMLInputElement)
      element.focus();
    // A key that is held would ask for pages until the server refuses them.
    else if (!event.repeat) element.click();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select") !== null;
}

function isHelpOpen(): boolean {
  return (document.querySelector("[popover]")?.getClientRects().length ?? 0) > 0;
}

/** The row of the list after the one that has the focus, or before it. */
function rowBeside(pressed: string): HTMLElement | undefined {
  if (pressed !== "j" && pressed !== "k") return undefined;
  const rows = [...document.querySelectorAll<HTMLElement>(".list li > a")];
  const at = rows.findIndex((row) => row === document.activeElement);
  return rows[pressed === "j" ? at + 1 : Math.max(0, at - 1)];
}
