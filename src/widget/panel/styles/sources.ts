import { compact } from "../../compact.ts";

/** Marks in an answer, and the list of its sources. */
export const SOURCES = compact(`
.mark { position: relative; top: -3px; margin-inline-start: 2px; padding: 1px 6px; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); color: var(--muted); font-size: .733em; line-height: 1; text-decoration: none; white-space: nowrap; unicode-bidi: isolate; }
.mark::after { content: ""; position: absolute; inset: -6px -3px; }
a.mark { color: var(--link); }
.bracket { font-size: 0; }
.sources { margin-top: 8px; padding-inline: 14px; font-size: .867em; color: var(--muted); }
.sources ul { padding: 0; list-style: none; }
.sources li { display: flex; gap: 8px; align-items: baseline; line-height: max(24px, 1.5em); }
.ordinal { flex: none; font-variant-numeric: tabular-nums; }
.name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
`);
