import { compact } from "../../compact.ts" with { type: "macro" };

/** What an empty conversation begins with. */
export const FIRST_SCREEN = compact(`
.suggestions { flex-wrap: wrap; }
.suggestion { padding: 8px 14px; border: 1px solid var(--line); border-radius: var(--radius); font-size: calc(var(--size) - 1px); color: var(--link); }
`);
