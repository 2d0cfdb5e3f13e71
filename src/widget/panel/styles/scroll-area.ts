import { compact } from "../../compact.ts";

/** The area that scrolls, and the button that leads to its end. */
export const SCROLL_AREA = compact(`
.list { position: relative; flex: 1; min-height: 0; display: flex; }
.scroll { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 20px; }
.end { position: absolute; bottom: 8px; inset-inline: 0; width: fit-content; min-width: 36px; min-height: 36px; margin: auto; padding: 0 7px; display: flex; align-items: center; gap: 6px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); box-shadow: 0 2px 8px #0000002e; font-size: .867em; }
.end span { padding-inline-end: 7px; }
.scroll, pre, .table { outline-offset: -2px; }
/* Lines that are not too long to read. */
:is(.inline, .page) .scroll { padding-inline: max(20px, 50% - 360px); }
`);
