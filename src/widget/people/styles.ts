import { compact } from "../compact.ts";

/** Ratings and people, in the panel's colours and sizes (panel/styles/base.ts). */
export const PEOPLE_STYLES = compact(`
.rate.down svg { transform: rotate(180deg) scaleX(-1); }
.rate[aria-pressed=true] { color: var(--link); }
.rate[aria-pressed=true] svg { fill: currentColor; }
/* Below the row of the answer, which then has a place of its own. */
[data-more] .actions { position: static; margin-inline: -6px; opacity: 1; pointer-events: auto; }
.why { margin-top: 6px; }
.below { padding-inline: 14px; font-size: .867em; color: var(--muted); }
.why, .ask, .asked { padding: 12px 14px; border: 1px solid var(--line); border-radius: min(14px, var(--radius)); }
.why, .ask { display: grid; gap: 8px; }
.ask { gap: 4px; }
.people .line, .why .line { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
.why .tool { width: 28px; height: 28px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { min-height: 28px; padding: 2px 12px; border: 1px solid var(--line); border-radius: 14px; font-size: .867em; }
.chip[aria-pressed=true] { border-color: var(--link); box-shadow: inset 0 0 0 1px var(--link); color: var(--link); }
:is(.why, .ask) :is(textarea, input) { width: 100%; max-height: none; padding: 6px 10px; border: 1px solid #7a828f; border-radius: min(10px, var(--radius)); background: none; color: inherit; font: inherit; font-size: max(16px, 1em); resize: vertical; }
:is(.why, .ask) :is(textarea, input):focus-visible { outline: 2px solid var(--link); outline-offset: 0; }
.ask [aria-invalid=true] { border-color: currentColor; box-shadow: inset 0 0 0 1px; }
.count { font-size: .8em; color: var(--muted); font-variant-numeric: tabular-nums; }
.do { min-height: 34px; padding: 4px 16px; border: 1px solid var(--line); border-radius: min(17px, var(--radius)); background: var(--accent); color: var(--on-accent); font-weight: 600; }
.do:disabled { opacity: .6; }
.link { padding: 4px 0; color: var(--link); text-decoration: underline; }
.ask label { margin-top: 4px; font-size: .867em; color: var(--muted); }
.kept { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; }
.problem:not(:empty) { padding: 6px 10px; border-radius: 8px; background: var(--notice); color: var(--on-notice); font-size: .867em; }
.consent { font-size: .8em; color: var(--muted); }
.asked { color: var(--muted); outline: 0; }
.asked p:first-child { color: var(--text); font-weight: 600; }
.asked bdi { white-space: nowrap; }
.people :is(.reach, .asked, .ask) { margin-top: 8px; }
.reach { display: flex; align-items: center; gap: 8px; min-height: 36px; padding: 4px 14px; border: 1px solid var(--line); border-radius: 18px; color: var(--muted); }
.reach svg, .here svg, .by svg { flex: none; width: 16px; margin: 0; }
.here, .by { display: flex; align-items: center; gap: 6px; font-size: .867em; color: var(--muted); }
.here { justify-content: center; margin-bottom: 16px; }
.here.gone svg { display: none; }
.by { margin-bottom: 4px; padding-inline: 2px; font-weight: 600; color: var(--link); }
[data-by] .again { display: none; }
[data-by] .bubble { background: none; border: 1px solid var(--line); }
@media (forced-colors: active) {
  .chip[aria-pressed=true] { outline: 2px solid Highlight; }
}
`);
