import { compact } from "../compact.ts" with { type: "macro" };

/**
 * The style sheet of what every page shows. The loader sets the colour variables. Sizes are in pixels, because the page
 * sets the size of a rem.
 */
export const LOADER_STYLES = compact(`
* { box-sizing: border-box; margin: 0; }
.root { font: 15px/1.5 system-ui, sans-serif; }
button { font: inherit; color: inherit; padding: 0; border: 0; background: none; cursor: pointer; }
button:hover { opacity: .8; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { display: block; width: 20px; margin: auto; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }

.launcher, .failed { position: fixed; right: 24px; bottom: 24px; border: 1px solid #8886; box-shadow: 0 8px 24px #0000002e; }
.left > * { right: auto; left: 24px; }
.launcher { width: 56px; height: 56px; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
.launcher svg { scale: 1.3; }
[aria-busy=true] svg { animation: wait 1.2s infinite; }
@keyframes wait { 50% { opacity: .3; } }
.launcher:not([data-unread=""])::after { content: attr(data-unread); position: absolute; top: -4px; right: -4px; padding: 0 7px; border-radius: 12px; background: #c3142d; color: #fff; font-size: 13px; }

.failed { bottom: 92px; padding: 10px 16px; border-radius: 14px; background: Canvas; color: CanvasText; }
.failed button { padding: 4px 0; text-decoration: underline; font-weight: 600; }
@media (prefers-reduced-motion) {
  * { animation: none !important; }
}
`);
