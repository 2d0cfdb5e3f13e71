import { compact } from "../compact.ts" with { type: "macro" };

/**
 * The style sheet of what every page shows. The loader sets the colour variables. Sizes are in pixels, because the page
 * sets the size of a rem.
 */
export const LOADER_STYLES = compact(`
.root { --x: 24; --y: 24; --accent: var(--chatporch-accent, #0f766e); all: initial; color-scheme: light dark; position: fixed; inset: 0 auto auto 0; width: 100%; height: 100%; pointer-events: none; font: 15px/1.5 system-ui, sans-serif; }
.root > * { pointer-events: auto; }
button { all: unset; box-sizing: border-box; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

.launcher, .failed { position: absolute; right: calc(var(--x) * 1px + env(safe-area-inset-right)); bottom: calc(var(--y) * 1px + env(safe-area-inset-bottom)); border: 1px solid #8886; box-shadow: 0 8px 24px #0000002e; }
.left > * { right: auto; left: calc(var(--x) * 1px + env(safe-area-inset-left)); }
.launcher { display: flex; flex-direction: row-reverse; min-width: 56px; height: 56px; padding: 0 14px; gap: 8px; align-items: center; border-radius: 28px; background: var(--accent); }
.bare .launcher { display: none; }
/* White, or black on a light accent. */
b, .launcher::before { color: var(--accent); filter: grayscale(1) invert(1) contrast(1e5); }
@media (forced-colors: active) { b, .launcher::before { --accent: ButtonText; filter: none; } }
@media print { .root { display: none; } }
b { width: 26px; height: 26px; }
[aria-busy=true] b { opacity: .4; }
b::before, b::after { content: ""; position: absolute; width: inherit; height: inherit; background: var(--accent); clip-path: path("M24 12.5a10.5 10 0 0 1-15.5 8.8L3 23.5l1.6-5.4A10.5 10 0 1 1 24 12.5Z"); }
b::after { clip-path: path("M4 6l2-2 7 7 7-7 2 2-7 7 7 7-2 2-7-7-7 7-2-2 7-7Z"); }
.launcher:not(.closes) b::after, .closes b::before { opacity: 0; transform: rotate(90deg); }
.launcher:not(.closes, [data-label=""])::before { content: attr(data-label); }
[data-unread]:not([data-unread=""])::after { content: attr(data-unread); position: absolute; top: -4px; right: -4px; padding: 0 7px; border-radius: 12px; background: #c3142d; color: #fff; font-size: 13px; }

.failed { bottom: calc(var(--y) * 1px + 68px); border-radius: 14px; background: Canvas; color: CanvasText; }
.failed button { padding: 10px 16px; }
`);
