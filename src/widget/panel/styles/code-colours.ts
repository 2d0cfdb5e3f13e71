import { compact } from "../../compact.ts" with { type: "macro" };

/** Comments, strings, numbers and keywords, each with enough contrast on `--code`. */
export const CODE_COLOURS = compact(`
.comment { color: var(--muted); }
.string { color: #0b6b3a; }
.number { color: #9a3a00; }
.keyword { color: #8520a0; }
.dark .string { color: #86d9a8; }
.dark .number { color: #f2b27c; }
.dark .keyword { color: #d3a5f5; }
`);
