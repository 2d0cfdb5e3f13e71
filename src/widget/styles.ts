import { compact } from "./compact.ts" with { type: "macro" };

/**
 * The widget's only style sheet. Colours come as variables from theme.ts. Sizes are in pixels, because
 * rem belongs to the page.
 */
export const STYLES = compact(`
* { box-sizing: border-box; margin: 0; }
[hidden] { display: none !important; }
.root {
  --surface: #fff; --subtle: #f3f4f6; --text: #181b20; --muted: #59616e; --line: #e2e5ea; --edge: #868e9b; --code: #e6e8ec; --warn: #fdf1d8; --on-warn: #5f4300;
  color-scheme: light;
  font: 400 15px/1.5 system-ui, sans-serif;
  color: var(--text);
  text-align: start;
}
.dark {
  --surface: #181a1f; --subtle: #25282f; --text: #eceef2; --muted: #a4acb9; --line: #343942; --edge: #737c8a; --code: #16181d; --warn: #3b3018; --on-warn: #f6dfa4;
  color-scheme: dark;
}
button, textarea { font: inherit; color: inherit; }
button {
  display: inline-flex; align-items: center; justify-content: center; gap: 8px;
  padding: 0; border: 0; background: none; cursor: pointer;
  transition: .15s;
}
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }

.launcher {
  position: fixed; bottom: max(24px, env(safe-area-inset-bottom)); width: 56px; height: 56px;
  border-radius: 50%; background: var(--accent); color: var(--on-accent);
  box-shadow: 0 0 0 1px rgb(127 127 127 / .15), 0 8px 24px rgb(0 0 0 / .18);
}
.launcher:hover { scale: 1.05; }
.launcher svg { width: 26px; height: 26px; }
.right .launcher, .right .panel { right: 24px; }
.left .launcher, .left .panel { left: 24px; }
.unread::after {
  content: ""; position: absolute; top: 1px; inset-inline-end: 1px; width: 14px; height: 14px;
  border-radius: 50%; background: #e5484d; border: 2px solid var(--surface);
}

.panel {
  position: fixed; bottom: calc(max(24px, env(safe-area-inset-bottom)) + 72px);
  width: 392px; max-width: calc(100vw - 48px); height: 640px; max-height: calc(100dvh - 120px);
  display: flex; flex-direction: column; overflow: hidden;
  background: var(--surface); border: 1px solid var(--line); border-radius: 18px;
  box-shadow: 0 8px 24px rgb(0 0 0 / .18);
  animation: rise .22s;
}
.panel:focus { outline: none; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }

.head { display: flex; align-items: center; gap: 4px; padding: 12px; padding-inline-start: 20px; border-bottom: 1px solid var(--line); }
.title { flex: 1; min-width: 0; font-size: 16px; font-weight: 600; line-height: 1.3; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.tool { width: 36px; height: 36px; border-radius: 10px; color: var(--muted); flex: none; }
.tool:hover { background: var(--subtle); color: var(--text); }

.scroll { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 20px; }
.scroll:focus-visible, .wide:focus-visible { outline-offset: -2px; }
.log, .pending { display: flex; flex-direction: column; gap: 16px; }
.log:not(:empty), .pending:not(:empty) { margin-top: 16px; }
.message { display: flex; flex-direction: column; align-items: flex-start; max-width: 100% ; }
.bubble {
  max-width: 100%; padding: 10px 14px; border-radius: 18px; border-end-start-radius: 6px;
  background: var(--subtle); overflow-wrap: anywhere;
}
.user { align-items: flex-end; }
.user .bubble {
  max-width: 85%; background: var(--accent); color: var(--on-accent); white-space: pre-wrap;
  border-radius: 18px; border-end-end-radius: 6px; box-shadow: inset 0 0 0 1px rgb(127 127 127 / .15);
}
.meta { display: flex; align-items: center; gap: 8px; min-height: 28px; margin-top: 2px; padding-inline-start: 4px; font-size: 13px; color: var(--muted); }
.copy { width: 28px; height: 28px; border-radius: 8px; color: var(--muted); }
.copy svg { width: 16px; height: 16px; }
.copy:hover { background: var(--subtle); color: var(--text); }

.bubble > * + * { margin-top: 10px; }
.bubble ul, .bubble ol { padding-inline-start: 22px; }
.bubble li + li { margin-top: 4px; }
.bubble :is(strong, em, del, code, a) { unicode-bidi: isolate; }
.bubble a { color: var(--link); }
.bubble code { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; padding: 1px 5px; border-radius: 5px; background: var(--code); }
.bubble pre code { padding: 0; background: none; }
.bubble blockquote { padding-inline-start: 12px; border-inline-start: 3px solid var(--line); }
.wide { max-width: 100%; overflow-x: auto; border-radius: 8px; background: var(--code); padding: 10px 12px; overflow-wrap: normal; }
table { border-collapse: collapse; font-size: 14px; }
th, td { padding: 6px 16px 6px 0; text-align: start; }
tr + tr { border-top: 1px solid var(--line); }

.dots { display: flex; gap: 5px; padding: 8px 2px; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: var(--muted); animation: dot 1.2s infinite; }
.dots :nth-child(2) { animation-delay: .2s; }
.dots :nth-child(3) { animation-delay: .4s; }
@keyframes dot { 50% { opacity: .3; } }

.suggestions { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 16px; }
.suggestion { padding: 8px 14px; border: 1px solid var(--line); border-radius: 18px; font-size: 14px; line-height: 1.4; text-align: start; overflow-wrap: anywhere; color: var(--link); }
.suggestion:hover { background: var(--subtle); }

.notice { display: flex; align-items: center; gap: 12px; margin: 0 16px 4px; padding: 10px 14px; border-radius: 12px; background: var(--warn); color: var(--on-warn); font-size: 14px; line-height: 1.4; overflow-wrap: anywhere; }
.notice span { flex: 1; }
.retry { flex: none; min-height: 28px; padding: 2px 10px; border: 1px solid currentColor; border-radius: 8px; font-weight: 600; font-size: 13px; }

.composer { display: flex; align-items: flex-end; gap: 8px; margin: 12px 16px 16px; padding: 5px; padding-inline-start: 14px; border: 1px solid var(--edge); border-radius: 22px; background: var(--surface); }
.composer:focus-within { outline: 2px solid var(--link); outline-offset: -1px; }
textarea { flex: 1; min-width: 0; height: 34px; max-height: 144px; padding: 5px 0; border: 0; background: none; resize: none; outline: none !important; font-size: 16px; line-height: 24px; overflow-y: auto; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.send { flex: none; width: 34px; height: 34px; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: inset 0 0 0 1px rgb(127 127 127 / .15); }
.send:disabled { background: var(--subtle); color: var(--muted); cursor: default; box-shadow: none; }
.limit { margin: -8px 20px 12px; font-size: 13px; color: var(--muted); }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (max-width: 520px), (max-height: 480px) {
  .right .panel, .left .panel { inset: var(--top, 0) 0 auto; width: 100%; max-width: none; height: var(--height, 100dvh); max-height: none; border: 0; border-radius: 0; padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left); }
  .open .launcher { display: none; }
  .right .launcher { right: 16px; }
  .left .launcher { left: 16px; }
  .launcher { bottom: max(16px, env(safe-area-inset-bottom)); }
  .tool { width: 40px; height: 40px; }
}
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
`);
