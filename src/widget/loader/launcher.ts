import { CHAT_ICON, CLOSE_ICON, element, icon, setAria } from "../element.ts";

export interface LauncherState {
  /** Its accessible name. */
  readonly title: string;
  readonly isOpen: boolean;
  /** True while the visitor waits for the panel. */
  readonly isLoading: boolean;
  /** True when the panel that the visitor asked for could not be loaded. */
  readonly hasFailed: boolean;
  /** How many answers have ended while the panel was closed. */
  readonly unread: number;
}

export const AT_FIRST: LauncherState = {
  title: "",
  isOpen: false,
  isLoading: false,
  hasFailed: false,
  unread: 0,
};

interface Launcher {
  readonly node: HTMLElement;
  render(state: LauncherState): void;
}

interface LauncherOptions {
  readonly onPress: () => void;
  /** Called when the visitor may be about to press it. */
  readonly onReach: () => void;
}

/** The round button with the number of unread answers. */
export function createLauncher({ onPress, onReach }: LauncherOptions): Launcher {
  const node = element("button", {
    className: "launcher",
    onclick: onPress,
    onfocus: onReach,
    // A finger enters when it touches.
    onpointerenter: onReach,
  });
  return {
    node,
    render({ title, isOpen, isLoading, hasFailed, unread }) {
      const count = unread ? `${unread}` : "";
      node.title = count ? `${title} (${count})` : title;
      // The style sheet shows it.
      node.dataset.unread = count;
      setAria(node, "ariaExpanded", isOpen);
      setAria(node, "ariaBusy", isLoading);
      node.replaceChildren(icon(isOpen || hasFailed ? CLOSE_ICON : CHAT_ICON));
    },
  };
}
