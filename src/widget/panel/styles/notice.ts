import { compact } from "../../compact.ts";

/** The bar that says what is wrong. */
export const NOTICE = compact(`
.notice { margin: 0 16px; padding: 10px 14px; border-radius: calc(var(--radius) * .7); background: var(--notice); color: var(--on-notice); }
.notice span { flex: 1; }
.retry { padding: 2px 10px; border: 1px solid; border-radius: 10px; font-weight: 600; outline-color: currentColor; }
`);
