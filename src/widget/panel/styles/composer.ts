import { compact } from "../../compact.ts";

/** The input with its button, and the line under it. */
export const COMPOSER = compact(`
.composer { position: relative; align-items: end; margin: 12px 16px 16px; padding: 5px; padding-inline-start: 14px; border: 1px solid #7a828f; border-radius: calc(var(--radius) * 1.2); }
.composer:focus-within { border-color: var(--link); }
.composer:focus-within::after { content: ""; position: absolute; inset: -4px; border: 3px solid var(--link); border-radius: calc(var(--radius) * 1.2 + 3px); opacity: .15; pointer-events: none; }
.room:not(:empty) { margin: -10px 20px 10px; font-size: .8em; text-align: end; color: var(--muted); font-variant-numeric: tabular-nums; }
textarea { flex: 1; min-width: 0; max-height: calc(9em + 10px); padding: 5px 0; resize: none; font-size: max(16px, 1em + 1px); line-height: 1.5; }
textarea:not(:placeholder-shown) { unicode-bidi: plaintext; }
textarea:focus-visible { outline: 0; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.panel > p { margin-top: -12px; padding: 4px 16px 12px; overflow: auto; font-size: .8em; text-align: center; color: var(--muted); }
.send:disabled { background: var(--subtle); color: var(--muted); cursor: default; filter: none; }
.send { width: 34px; height: 34px; border-radius: 50%; border: 1px solid var(--line); }
:is(.inline, .page) :is(.composer, .room) { margin-inline: max(16px, 50% - 364px); }
@media (forced-colors: active) {
  .composer:focus-within { outline: 2px solid Highlight; }
  .composer::after { display: none; }
  .send:disabled { color: GrayText; border-color: GrayText; }
}
`);
