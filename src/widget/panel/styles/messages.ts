import { compact } from "../../compact.ts" with { type: "macro" };

/** Messages, and the row below each of them. */
export const MESSAGES = compact(`
.message { margin-bottom: 16px; }
.bubble { width: fit-content; max-width: 100%; padding: 10px 14px; border-radius: var(--radius); border-end-start-radius: min(6px, var(--radius)); background: var(--subtle); }
.user { display: grid; justify-items: end; }
.user .bubble { max-width: 85%; white-space: pre-wrap; unicode-bidi: plaintext; border-radius: var(--radius); border-end-end-radius: min(6px, var(--radius)); }
.edged :is(.user .bubble, .send:enabled, .avatar) { box-shadow: inset 0 0 0 1px var(--muted); }
.bubble, .sources { -webkit-hyphens: auto; hyphens: auto; }
.bubble :is(a, code, pre) { -webkit-hyphens: manual; hyphens: manual; }
.meta { margin-top: 2px; min-height: 28px; font-size: calc(var(--size) - 2px); color: var(--muted); }
.copy { width: 28px; height: 28px; }
.dots i { width: 7px; height: 7px; margin: 8px 0; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite; }
@keyframes dot { 50% { opacity: .3; } }
@media (forced-colors: active) {
  .bubble { border: 1px solid; }
  .user .bubble { border-width: 2px; }
  .dots i { background: CanvasText; }
}
`);
