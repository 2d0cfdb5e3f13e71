/** Leaves a form with Esc. */
export function onEscape(form: HTMLFormElement, leave: () => void): void {
  form.onkeydown = (event) => {
    const { key: pressed } = event;
    if (pressed !== "Escape" || event.isComposing) return;
    // The panel would close, too.
    event.stopPropagation();
    leave();
  };
}
