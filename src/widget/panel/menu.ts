import { element, iconButton, MORE_ICON, setAria } from "../element.ts";

/** A line of a menu. */
export interface MenuItem {
  readonly text: string;
  /** Does what the line says. What it returns takes the place of the menu's lines. */
  readonly act?: () => readonly MenuItem[] | void;
  /** A page that the line leads to. */
  readonly href?: string | undefined;
}

interface Menu {
  readonly node: HTMLElement;
  /** Hides the button while there is nothing to choose. */
  render(): void;
}

/**
 * A button that opens a list of things to do (WAI-ARIA APG, "menu button"): arrow keys move in it, Esc closes it and
 * nothing else, and the focus comes back to the button.
 * @param items the lines of this moment
 */
export function createMenu(name: string, items: () => readonly MenuItem[]): Menu {
  const button = iconButton("tool", name, MORE_ICON);
  const list = element("div", { className: "items", role: "menu", ariaLabel: name });
  const node = element("div", { className: "menu", onkeydown }, button, list);

  function show(shown: readonly MenuItem[]): void {
    list.replaceChildren(...shown.map(lineOf));
    list.hidden = !shown[0];
    setAria(button, "ariaExpanded", !list.hidden);
    (list.firstElementChild as HTMLElement | null)?.focus();
  }

  function close(): void {
    if (list.hidden) return;
    // First, because the focus would be lost with the line that has it.
    if (list.matches(":focus-within")) button.focus();
    show([]);
  }

  function lineOf({ text, act, href }: MenuItem): HTMLElement {
    const onclick = () => {
      close();
      const more = act?.();
      if (more) show(more);
    };
    const props = { role: "menuitem", tabIndex: -1, dir: "auto", onclick };
    if (href) return element("a", { ...props, href, rel: "noopener", target: "_blank" }, text);
    return element("button", props, text);
  }

  function onkeydown(event: KeyboardEvent): void {
    const { key: pressed } = event;
    const isShown = !list.hidden;
    // From the button, the focus goes on.
    if (pressed === "Tab") return close();
    const lines = [...list.children] as HTMLElement[];
    const at = lines.findIndex((line) => line.matches(":focus"));
    const next = { ArrowDown: (at + 1) % lines.length, ArrowUp: at - 1, Home: 0, End: -1 }[pressed];
    if (pressed === "Escape" && isShown) close();
    else if (next === undefined) return;
    else if (isShown) lines.at(next)?.focus();
    else if (pressed.startsWith("Arrow")) show(items());
    event.preventDefault();
    // The dialog would close, too.
    event.stopPropagation();
  }

  show([]);
  setAria(button, "ariaHaspopup", "menu");
  button.onclick = () => (list.hidden ? show(items()) : close());
  node.addEventListener("focusout", ({ relatedTarget }) => {
    // Safari gives no focus to a button that is clicked.
    if (relatedTarget && !node.contains(relatedTarget as Node)) close();
  });

  return {
    node,
    render() {
      node.hidden = !items()[0];
    },
  };
}
