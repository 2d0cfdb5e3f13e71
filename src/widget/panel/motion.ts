/** A little lower and smaller, and not seen. Opacity and transform need no layout. */
const AWAY = { opacity: 0, transform: "translateY(12px) scale(.98)" };

/**
 * Lets an element come, or go, with a short movement that is fast at first.
 * @returns undefined where the visitor wants nothing to move
 */
export function move(node: HTMLElement, duration: number, isGoing = false): Animation | undefined {
  if (matchMedia("(prefers-reduced-motion)").matches) return undefined;
  return node.animate(isGoing ? [{}, AWAY] : [AWAY, {}], {
    duration,
    // What has gone stays away until it is hidden.
    fill: isGoing ? "forwards" : "none",
    easing: "cubic-bezier(.2,.8,.2,1)",
  });
}
