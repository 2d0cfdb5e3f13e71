import { compact } from "../../compact.ts" with { type: "macro" };

/** The panel in front of the page, on a small screen, and as a part of the page. */
export const FRAME = compact(`
.panel {
  position: absolute; right: 24px; border: 1px solid var(--line); box-shadow: 0 2px 8px #0000000f, 0 16px 48px #0003;
  bottom: 92px; width: min(max(392px, 24em), 100% - 48px); height: min(640px, 100% - 116px);
  display: flex; flex-direction: column; overflow: hidden;
  background: var(--surface); border-radius: var(--radius); outline: 0; transform-origin: 100% 100%;
}
.panel.large { width: min(720px, 90%); height: min(90%, 100% - 116px); }
.panel.leaving { display: flex !important; pointer-events: none; }
.left > .panel { right: auto; left: 24px; transform-origin: 0 100%; }
@media (max-width: 520px), (max-height: 480px) {
  .root .panel { inset: var(--top) 0 auto; width: auto; height: var(--height); border: 0; border-radius: 0; padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left); }
  .open .launcher, .sizer { display: none; }
}
.root:is(.inline, .page) { position: relative; display: block; pointer-events: auto; }
.root.page { position: absolute; inset: var(--top, 0) 0 auto; height: var(--height, 100%); }
.root:is(.inline, .page) .panel { position: static; width: auto; height: 100%; padding: 0; border: 0; border-radius: 0; box-shadow: none; }
.root.inline .panel { border: 1px solid var(--line); border-radius: var(--radius); }
`);
