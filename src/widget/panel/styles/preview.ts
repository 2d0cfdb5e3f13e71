import { compact } from "../../compact.ts";

/** The text beside the launcher. Its place is the panel's (frame.ts). */
export const PREVIEW = compact(`
/* At its own beginning: the text may be written the other way. */
.preview:not(:empty) { padding-inline-start: 16px; }
.preview { max-width: min(320px, 100% - var(--x) * 1px - 24px); }
.words { flex: 1; min-width: 0; margin: 10px 0; text-align: start; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.preview .tool { margin: 4px; }
`);
