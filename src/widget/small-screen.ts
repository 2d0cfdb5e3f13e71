/** On a screen like this, the panel fills all of it. The style sheets say the same. */
const SMALL_SCREEN = "(max-width: 520px), (max-height: 480px)";

export function smallScreen(): MediaQueryList {
  return matchMedia(SMALL_SCREEN);
}

/**
 * Whether this entry of the browser's history is the one that the open panel has added on a small screen, so that Back
 * closes it.
 */
export function isPanelEntry(): boolean {
  return Object(history.state).chatporch === true;
}
