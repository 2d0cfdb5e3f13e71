import { compact } from "../../compact.ts";

/** The panel in front of the page, on a small screen, and as a part of the page. */
export const FRAME = compact(`
/* The loader has where the launcher is; an older one has not. */
.root { --x: 24; --y: 24; --above: calc(var(--y) * 1px + 68px + env(safe-area-inset-bottom)); }
.root.bare { --above: calc(var(--y) * 1px + env(safe-area-inset-bottom)); }
.panel, .preview { position: absolute; right: calc(var(--x) * 1px + env(safe-area-inset-right)); bottom: var(--above); display: flex; transform-origin: 100% 100%; }
.left > :is(.panel, .preview) { right: auto; left: calc(var(--x) * 1px + env(safe-area-inset-left)); transform-origin: 0 100%; }
.panel, .preview:not(:empty) { border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); box-shadow: 0 2px 8px #0000000f, 0 16px 48px #0003; }
.panel { width: min(max(392px, 24em), 100% - var(--x) * 1px - 24px); height: min(640px, 100% - var(--above) - 24px); flex-direction: column; overflow: hidden; outline: 0; }
.panel.large { width: min(720px, 90%, 100% - var(--x) * 1px - 24px); height: min(90%, 100% - var(--above) - 24px); }
.panel.leaving { display: flex !important; pointer-events: none; }
@media (prefers-reduced-motion: no-preference) { .launcher b::before, .launcher b::after { transition: opacity .18s, transform .18s; } }
@media (max-width: 520px), (max-height: 480px) {
  .root .panel { inset: var(--top) 0 auto; width: auto; height: var(--height); border: 0; border-radius: 0; padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left); }
  .open .launcher, .sizer { display: none; }
}
.root:is(.inline, .page) { position: relative; display: block; pointer-events: auto; }
.root.page { position: absolute; inset: var(--top, 0) 0 auto; height: var(--height, 100%); }
.root:is(.inline, .page) .panel { position: static; width: auto; height: 100%; padding: 0; border: 0; border-radius: 0; box-shadow: none; }
.root.inline .panel { border: 1px solid var(--line); border-radius: var(--radius); }
`);
