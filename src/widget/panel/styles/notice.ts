import { compact } from "../../compact.ts";

/** The bar that says what is wrong, or was done, and what can be done about it. */
export const NOTICE = compact(`
.notice { flex-wrap: wrap; margin: 0 16px; padding: 10px 14px; border-radius: calc(var(--radius) * .7); background: var(--notice); color: var(--on-notice); }
.notice span { flex: 1 1 8em; }
a.retry { color: inherit; text-decoration: none; }
.notice div { display: flex; gap: 8px; }
.retry { padding: 2px 10px; border: 1px solid; border-radius: 10px; font-weight: 600; outline-color: currentColor; }
`);
