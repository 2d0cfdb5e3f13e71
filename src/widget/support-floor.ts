/** Whether the widget works in this browser: Chrome and Edge from 105, Firefox from 110, Safari from 16. */
export function isSupported(): boolean {
  // What came last of all that the widget needs.
  return CSS.supports("container-type", "size");
}
