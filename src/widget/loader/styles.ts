import { compact } from "../compact.ts" with { type: "macro" };

/**
 * The style sheet of what every page shows. The loader sets the colour variables. Sizes are in pixels, because the page
 * sets the size of a rem.
 */
export const LOADER_STYLES = compact(`
.root { --accent: var(--chatporch-accent, #0f766e); all: initial; color-scheme: light dark; position: fixed; inset: 0 auto auto 0; width: 100%; height: 100%; pointer-events: none; font: 15px/1.5 system-ui, sans-serif; }
.root > * { pointer-events: auto; }
button { all: unset; box-sizing: border-box; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.launcher, .failed { position: absolute; right: 24px; bottom: 24px; border: 1px solid #8886; box-shadow: 0 8px 24px #0000002e; }
.left > * { right: auto; left: 24px; }
.launcher { width: 56px; height: 56px; border-radius: 50%; background: var(--accent); }
/* White, or black on a light accent. */
.launcher svg { display: block; width: 26px; margin: auto; fill: none; stroke: var(--accent); stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; filter: grayscale(1) invert(1) contrast(1e5); }
@media (forced-colors: active) { .launcher svg { stroke: ButtonText; filter: none; } }
@media print { .root { display: none; } }
[aria-busy=true] svg { opacity: .4; }
.launcher:not([data-unread=""])::after { content: attr(data-unread); position: absolute; top: -4px; right: -4px; padding: 0 7px; border-radius: 12px; background: #c3142d; color: #fff; font-size: 13px; }

.failed { bottom: 92px; border-radius: 14px; background: Canvas; color: CanvasText; }
.failed button { padding: 10px 16px; }
`);
