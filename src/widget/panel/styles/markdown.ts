import { compact } from "../../compact.ts";

/** What is written in an answer. */
export const MARKDOWN = compact(`
.bubble :where(p, ul, ol, blockquote, .code, .table, hr) { margin-top: 10px; }
.bubble :where(p, li, h4, h5, h6, th, td) { unicode-bidi: plaintext; }
.bubble :is(h4, h5, h6) { margin-top: 14px; font-size: 1em; line-height: 1.35; }
.bubble .h1 { font-size: 1.133em; }
.bubble .h2 { font-size: 1.067em; }
.bubble > :first-child, .bubble li > :first-child, blockquote > :first-child { margin-top: 0; }
.bubble :is(ul, ol) { padding-inline-start: 1.467em; }
.bubble li :is(ul, ol) { margin-top: 0; }
.bubble :is(li + li, .rest) { margin-top: 3px; }
.bubble .task { list-style: none; margin-inline-start: -1.333em; }
blockquote { padding-inline-start: 12px; border-inline-start: 3px solid var(--line); color: var(--muted); }
/* Further in, no width would be left, and a browser takes minutes for a long line of no width. */
.bubble :is(blockquote, li) :is(blockquote, li) :is(blockquote, li) :is(blockquote, li) :is(blockquote, ul, ol) { padding: 0; border: 0; }
hr { border: 0; border-top: 1px solid var(--line); }
.bubble :is(strong, em, del, code, a) { unicode-bidi: isolate; }
a { color: var(--link); }
code, pre { border-radius: 6px; background: var(--code); padding: 1px 5px; }
code { font: .867em/1.5 ui-monospace, monospace; }
.code { border-radius: min(8px, var(--radius)); background: var(--code); overflow: hidden; }
.bar { display: flex; align-items: center; direction: ltr; height: 32px; padding: 0 4px 0 12px; font-size: .8em; color: var(--muted); }
pre { overflow-x: auto; padding: 0 12px 10px; overflow-wrap: normal; }
.bar span { flex: 1; }
.bubble li > .code { margin-bottom: 10px; }
.wrap[aria-pressed=true] { color: var(--link); }
.wrapped { white-space: pre-wrap; overflow-wrap: anywhere; }
.part { display: block; }
pre code { padding: 0; background: none; }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: min(8px, var(--radius)); }
.table.rest { content-visibility: auto; contain-intrinsic-height: 2000px; }
table { border-collapse: collapse; width: 100%; font-size: .933em; overflow-wrap: normal; }
th, td { min-width: 64px; padding: 6px 10px; text-align: start; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; background: var(--code); }
td { border-top: 1px solid var(--line); }
`);
