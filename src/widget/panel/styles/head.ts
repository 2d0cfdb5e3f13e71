import { compact } from "../../compact.ts";

/** The head of the panel: logo, names and buttons. */
export const HEAD = compact(`
.head { position: relative; padding: 12px; padding-inline-start: 16px; gap: 2px; border-bottom: 1px solid var(--line); }
.heading { flex: 1; gap: 12px; min-width: 0; line-height: 1.35; }
.avatar { flex: none; height: 32px; min-width: 32px; border-radius: 10px; background: var(--accent); color: var(--on-accent); font-size: 15px; line-height: 32px; text-align: center; font-weight: 600; }
.avatar svg { height: 32px; }
img.avatar { max-width: 120px; object-fit: contain; background: var(--logo); }
.names { flex: 1; min-width: 0; }
/* A title in another direction stands beside the logo, too. */
.names > * { width: fit-content; max-width: 100%; max-height: 4.05em; overflow: hidden; }
.title { font: inherit; font-weight: 600; }
#subtitle { font-size: .867em; color: var(--muted); }
.tool, .actions > button { width: 36px; height: 36px; border-radius: 10px; color: var(--muted); }
.menu > .tool svg { stroke-width: 3; }
.menu { display: flex; }
.items { position: absolute; z-index: 1; inset-inline-end: 12px; top: calc(100% - 8px); min-width: 180px; max-width: calc(100% - 24px); padding: 6px; border: 1px solid var(--line); border-radius: min(14px, var(--radius)); background: var(--surface); box-shadow: 0 8px 24px #0000002e; }
.items > * { display: block; width: 100%; padding: 8px 12px; border-radius: min(8px, var(--radius)); text-align: start; text-decoration: none; color: inherit; outline-offset: -2px; }
.items > :is(:hover, :focus) { background: var(--subtle); filter: none; }
@media (max-height: 480px) {
  .names > * { max-height: 1.35em; white-space: nowrap; text-overflow: ellipsis; }
}
.page .items { inset-inline-end: max(12px, 50% - 364px); }
.page .head { padding-inline: max(12px, 50% - 364px); }
`);
