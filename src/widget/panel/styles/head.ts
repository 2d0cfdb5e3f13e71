import { compact } from "../../compact.ts" with { type: "macro" };

/** The head of the panel: logo, names and buttons. */
export const HEAD = compact(`
.head { padding: 12px; padding-inline-start: 20px; border-bottom: 1px solid var(--line); }
.heading { flex: 1; gap: 12px; min-width: 0; line-height: 1.35; }
.avatar { flex: none; height: 36px; min-width: 36px; border-radius: 10px; background: var(--accent); color: var(--on-accent); line-height: 36px; text-align: center; font-weight: 600; }
.avatar svg { height: 36px; }
img.avatar { max-width: 120px; object-fit: contain; background: var(--logo); }
.names { flex: 1; min-width: 0; }
.names > * { max-height: 4.05em; overflow: hidden; }
.title { font: inherit; font-weight: 600; }
#subtitle { font-size: calc(var(--size) - 2px); color: var(--muted); }
.tool, .copy { width: 36px; height: 36px; border-radius: 10px; color: var(--muted); }
@media (max-height: 480px) {
  .names > * { max-height: 1.35em; white-space: nowrap; text-overflow: ellipsis; }
}
`);
