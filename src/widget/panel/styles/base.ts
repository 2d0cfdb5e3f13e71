import { compact } from "../../compact.ts";

/**
 * What every part of the panel shares: its variables, to which theme.ts adds the colours, and what is taken away from the
 * browser's own style. The page sets the size of a rem, so texts are measured in em: `medium` is the size that the reader has
 * chosen in the browser. What is not text is in pixels.
 */
export const BASE = compact(`
* { box-sizing: border-box; margin: 0; scrollbar-width: thin; scrollbar-color: #8889 transparent; }
[hidden] { display: none !important; }
.root {
  --radius: var(--chatporch-radius, 18px);
  --surface: #fff; --subtle: #f3f4f6; --text: #181b20; --muted: #59616e; --line: #e2e5ea; --code: #e6e8ec;
  --logo: #fff; --notice: #fdf1d8; --on-notice: #5f4300; color-scheme: light;
  position: fixed; inset: 0 auto auto 0; width: 100%; height: 100%; pointer-events: none;
  font: medium/1.5 var(--chatporch-font, system-ui, sans-serif); color: var(--text); overflow-wrap: anywhere;
}
.dark {
  --surface: #181a1f; --subtle: #25282f; --text: #eceef2; --muted: #a4acb9; --line: #343942; --code: #16181d;
  --logo: #e9ebef; --notice: #3b3018; --on-notice: #f6dfa4; color-scheme: dark;
}
.root > * { pointer-events: auto; font-size: var(--chatporch-font-size, .9375em); }
button, textarea { font: inherit; color: inherit; padding: 0; border: 0; background: none; }
button { cursor: pointer; }
@media (hover: hover) { button:hover { filter: brightness(.9); } .dark button:hover { filter: brightness(1.2); } }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
svg { display: block; width: 20px; margin: auto; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.head, .heading, .actions, .dots, .suggestion, .notice, .composer { display: flex; align-items: center; gap: 8px; }
.user .bubble, .send:enabled { background: var(--accent); color: var(--on-accent); }
.sr { position: absolute; clip-path: inset(50%); }
@media (prefers-reduced-motion) {
  * { animation: none !important; }
}
`);
