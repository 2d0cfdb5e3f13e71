import { compact } from "../../compact.ts";

/** Messages, and the row below each of them. */
export const MESSAGES = compact(`
.message { position: relative; margin-bottom: 26px; }
.message.user { margin-bottom: 12px; }
.bubble { width: fit-content; max-width: 100%; padding: 10px 14px; border-radius: var(--radius); border-end-start-radius: min(6px, var(--radius)); background: var(--subtle); }
.user { display: grid; justify-items: end; }
.user .bubble { max-width: 85%; white-space: pre-wrap; unicode-bidi: plaintext; border-radius: var(--radius); border-end-end-radius: min(6px, var(--radius)); }
.user.pending .bubble { border: 1px dashed; }
.edged :is(.user .bubble, .send:enabled, .avatar) { box-shadow: inset 0 0 0 1px var(--muted); }
.bubble, .sources { -webkit-hyphens: auto; hyphens: auto; }
.bubble :is(a, code, pre) { -webkit-hyphens: manual; hyphens: manual; }
.meta { padding-inline: 14px; font-size: .867em; color: var(--muted); }
.ending:not(:empty) { margin-top: 4px; }
/* Said below, with what can be done. */
.message:last-child :is(.cut, .limited) { display: none; }
/* In the room between two messages. */
.actions { position: absolute; top: 100%; inset-inline: 8px 0; gap: 2px; opacity: 0; pointer-events: none; }
.message:focus-within .actions, .message:last-child .actions { opacity: 1; pointer-events: auto; }
@media (hover: hover) { .message:hover .actions { opacity: 1; pointer-events: auto; } }
.actions > button { width: 28px; height: 26px; }
:is(.actions, .bar) svg { width: 16px; }
.actions time { padding: 0 6px; font-size: .923em; }
.message:not(:last-child) .again { display: none; }
.skeleton { display: grid; gap: 10px; margin-bottom: 16px; }
.skeleton i { height: 40px; width: 80%; border-radius: var(--radius); background: var(--subtle); animation: dim 1.6s infinite; }
.skeleton i:nth-child(2) { width: 45%; justify-self: end; }
@keyframes dim { 50% { opacity: .4; } }
.copy, .wrap { width: 28px; height: 28px; }
.day { margin: 8px 0 16px; font-size: .8em; text-align: center; justify-self: center; color: var(--muted); }
.dots { gap: 6px; height: 1.5em; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite; }
.dots i + i { animation-delay: .15s; }
.dots i + i + i { animation-delay: .3s; }
.dots span { margin-inline-start: 6px; color: var(--muted); }
@keyframes dot { 0%, 60%, 100% { opacity: .4; } 30% { transform: translateY(-4px); } }
@media (forced-colors: active) {
  .bubble { border: 1px solid; }
  .user .bubble { border-width: 2px; }
  .dots i { background: CanvasText; }
}
`);
