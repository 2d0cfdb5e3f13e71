import { compact } from "../compact.ts" with { type: "macro" };

/**
 * The panel's style sheet, after the loader's. The loader may be older, so this one is whole without it. theme.ts sets
 * the colour variables. Sizes are in pixels, because the page sets the size of a rem.
 */
export const STYLES = compact(`
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
.root {
  --size: var(--chatporch-font-size, 15px); --radius: var(--chatporch-radius, 18px);
  --surface: #fff; --subtle: #f3f4f6; --text: #181b20; --muted: #59616e; --line: #e2e5ea; --code: #e6e8ec;
  --logo: #fff; --notice: #fdf1d8; --on-notice: #5f4300;
  position: fixed; inset: 0 auto auto 0; width: 100%; height: 100%; pointer-events: none;
  font: var(--size)/1.5 var(--chatporch-font, system-ui, sans-serif); color: var(--text); overflow-wrap: anywhere;
}
.dark {
  --surface: #181a1f; --subtle: #25282f; --text: #eceef2; --muted: #a4acb9; --line: #343942; --code: #16181d;
  --logo: #e9ebef; --notice: #3b3018; --on-notice: #f6dfa4;
}
.root > * { pointer-events: auto; }
button, textarea { font: inherit; color: inherit; padding: 0; border: 0; background: none; }
button { cursor: pointer; }
@media (hover: hover) { button:hover { filter: brightness(.9); } .dark button:hover { filter: brightness(1.2); } }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
svg { display: block; width: 20px; margin: auto; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.head, .heading, .meta, .dots, .suggestions, .notice, .composer { display: flex; align-items: center; gap: 8px; }
.left > .panel { right: auto; left: 24px; }
.user .bubble, .send:enabled { background: var(--accent); color: var(--on-accent); }

.panel {
  position: absolute; right: 24px; border: 1px solid var(--line); box-shadow: 0 8px 24px #0000002e;
  bottom: 92px; width: min(392px, 100% - 48px); height: min(640px, 100% - 116px);
  display: flex; flex-direction: column; overflow: hidden;
  background: var(--surface); border-radius: var(--radius); outline: 0;
}
.head { padding: 12px; padding-inline-start: 20px; border-bottom: 1px solid var(--line); }
.heading { flex: 1; gap: 12px; min-width: 0; line-height: 1.35; }
.avatar { flex: none; height: 36px; min-width: 36px; border-radius: 10px; background: var(--accent); color: var(--on-accent); line-height: 36px; text-align: center; font-weight: 600; }
.avatar svg { height: 36px; }
img.avatar { max-width: 120px; object-fit: contain; background: var(--logo); }
.names { flex: 1; min-width: 0; }
.names > * { max-height: 4.05em; overflow: hidden; }
.title { font: inherit; font-weight: 600; }
#subtitle { font-size: calc(var(--size) - 2px); color: var(--muted); }
.tool, .copy { width: 36px; height: 36px; border-radius: 10px; color: var(--muted); }

.list { position: relative; flex: 1; min-height: 0; display: flex; }
.scroll { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 20px; }
.end { position: absolute; bottom: 8px; inset-inline: 0; width: fit-content; min-width: 36px; height: 36px; margin: auto; padding: 0 7px; display: flex; align-items: center; gap: 6px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); box-shadow: 0 2px 8px #0000002e; font-size: calc(var(--size) - 2px); }
.end span { padding-inline-end: 7px; }
.scroll, pre, .table { outline-offset: -2px; }
.message { margin-bottom: 16px; }
.bubble { width: fit-content; max-width: 100%; padding: 10px 14px; border-radius: var(--radius); border-end-start-radius: min(6px, var(--radius)); background: var(--subtle); }
.user { display: grid; justify-items: end; }
.user .bubble { max-width: 85%; white-space: pre-wrap; unicode-bidi: plaintext; border-radius: var(--radius); border-end-end-radius: min(6px, var(--radius)); }
.edged :is(.user .bubble, .send:enabled, .avatar) { box-shadow: inset 0 0 0 1px var(--muted); }
.bubble, .sources { -webkit-hyphens: auto; hyphens: auto; }
.bubble :is(a, code, pre) { -webkit-hyphens: manual; hyphens: manual; }
.meta { margin-top: 2px; min-height: 28px; font-size: calc(var(--size) - 2px); color: var(--muted); }
.copy { width: 28px; height: 28px; }

.bubble :where(p, ul, ol, blockquote, .code, .table, hr) { margin-top: 10px; }
.bubble :where(p, li, h4, h5, h6, th, td) { unicode-bidi: plaintext; }
.bubble :is(h4, h5, h6) { margin-top: 14px; font-size: 1em; line-height: 1.35; }
.bubble .h1 { font-size: calc(var(--size) + 2px); }
.bubble .h2 { font-size: calc(var(--size) + 1px); }
.bubble > :first-child, .bubble li > :first-child, blockquote > :first-child { margin-top: 0; }
.bubble :is(ul, ol) { padding-inline-start: 22px; }
.bubble li :is(ul, ol) { margin-top: 0; }
.bubble li + li { margin-top: 3px; }
.bubble .task { list-style: none; margin-inline-start: -20px; }
blockquote { padding-inline-start: 12px; border-inline-start: 3px solid var(--line); color: var(--muted); }
hr { border: 0; border-top: 1px solid var(--line); }
.bubble :is(strong, em, del, code, a) { unicode-bidi: isolate; }
a { color: var(--link); }
code, pre { border-radius: 6px; background: var(--code); padding: 1px 5px; }
code { font: calc(var(--size) - 2px)/1.5 ui-monospace, monospace; }
.code { position: relative; border-radius: min(8px, var(--radius)); background: var(--code); overflow: hidden; }
.bar { display: flex; justify-content: space-between; align-items: center; direction: ltr; height: 32px; padding: 0 4px 0 12px; font-size: calc(var(--size) - 3px); color: var(--muted); }
pre { overflow-x: auto; padding: 0 12px 10px; overflow-wrap: normal; border-radius: 0 0 min(8px, var(--radius)) min(8px, var(--radius)); }
.part { display: block; }
.bare { position: absolute; right: 0; }
.bare + pre { padding: 8px 44px 8px 12px; }
pre code { padding: 0; background: none; }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: min(8px, var(--radius)); }
table { border-collapse: collapse; width: 100%; font-size: calc(var(--size) - 1px); overflow-wrap: normal; }
th, td { min-width: 64px; padding: 6px 10px; text-align: start; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; background: var(--code); }
td { border-top: 1px solid var(--line); }

.mark { position: relative; top: -3px; margin-inline: 2px; padding: 1px 6px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); color: var(--muted); font-size: calc(var(--size) - 4px); line-height: 1; text-decoration: none; white-space: nowrap; unicode-bidi: isolate; }
.mark::after { content: ""; position: absolute; inset: -6px -3px; }
a.mark { color: var(--link); }
.bracket { font-size: 0; }
.sources { margin-top: 8px; padding-inline: 14px; font-size: calc(var(--size) - 2px); color: var(--muted); }
.sources ul { padding: 0; list-style: none; }
.sources li { display: flex; gap: 8px; align-items: baseline; line-height: 24px; }
.number { flex: none; min-width: 1ch; font-variant-numeric: tabular-nums; }
.name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }

.dots i { width: 7px; height: 7px; margin: 8px 0; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite; }
@keyframes dot { 50% { opacity: .3; } }

.suggestions { flex-wrap: wrap; }
.suggestion { padding: 8px 14px; border: 1px solid var(--line); border-radius: var(--radius); font-size: calc(var(--size) - 1px); color: var(--link); }

.notice { margin: 0 16px; padding: 10px 14px; border-radius: calc(var(--radius) * .7); background: var(--notice); color: var(--on-notice); }
.notice span { flex: 1; }
.retry { padding: 2px 10px; border: 1px solid; border-radius: 10px; font-weight: 600; outline-color: currentColor; }

.composer { align-items: end; margin: 12px 16px 16px; padding: 5px; padding-inline-start: 14px; border: 1px solid #7a828f; border-radius: calc(var(--radius) * 1.2); }
.composer:focus-within { outline: 2px solid var(--link); }
textarea { flex: 1; min-width: 0; max-height: 144px; padding: 5px 0; resize: none; unicode-bidi: plaintext; font-size: max(16px, var(--size) + 1px); line-height: 1.5; }
textarea:focus-visible { outline: 0; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.panel > p { margin-top: -12px; padding: 4px 16px 12px; overflow: auto; font-size: calc(var(--size) - 3px); text-align: center; color: var(--muted); }
.send:disabled { opacity: .5; }
.send { width: 34px; height: 34px; border-radius: 50%; border: 1px solid var(--line); }
.sr { position: absolute; clip-path: inset(50%); }

@media (max-width: 520px), (max-height: 480px) {
  .root .panel { inset: var(--top) 0 auto; width: auto; height: var(--height); border: 0; border-radius: 0; padding-bottom: env(safe-area-inset-bottom); }
  .open .launcher { display: none; }
}
@media (forced-colors: active) {
  .bubble { border: 1px solid; }
  .user .bubble { border-width: 2px; }
  .dots i { background: CanvasText; }
  .send:disabled { opacity: 1; color: GrayText; border-color: GrayText; }
}
@media (max-height: 480px) {
  .names > * { max-height: 1.35em; white-space: nowrap; text-overflow: ellipsis; }
}
.root:is(.inline, .page) { position: relative; display: block; pointer-events: auto; }
.root.page { position: absolute; inset: var(--top, 0) 0 auto; height: var(--height, 100%); }
.root:is(.inline, .page) .panel { position: static; width: auto; height: 100%; padding: 0; border: 0; border-radius: 0; box-shadow: none; }
.root.inline .panel { border: 1px solid var(--line); border-radius: var(--radius); }
/* Lines that are not too long to read. */
:is(.inline, .page) .scroll { padding-inline: max(20px, 50% - 360px); }
:is(.inline, .page) .composer { margin-inline: max(16px, 50% - 364px); }
@media (prefers-reduced-motion) {
  * { animation: none !important; }
}
`);
