import { compact } from "../../compact.ts";

/** What an empty conversation begins with: the greeting in the middle, and questions at the end, above the input. */
export const FIRST_SCREEN = compact(`
.first { display: flex; flex-direction: column; min-height: 100%; }
.first .welcome { margin: auto 0; padding: 0 0 20px; }
.first .bubble { padding: 0; background: none; border: 0; color: var(--muted); }
.first .bubble > :first-child { font-size: 1.467em; font-weight: 600; line-height: 1.3; color: var(--text); }
.first .long > :first-child { font-size: 1.133em; font-weight: 400; line-height: 1.45; }
.suggestions { display: grid; gap: 6px; }
/* Where there is much room, the greeting stands near its questions. */
.page .suggestions { margin-bottom: auto; }
.page .first .welcome { margin-bottom: 0; }
.suggestion { gap: 12px; min-height: 40px; padding: 8px 14px; border: 1px solid var(--line); border-radius: min(12px, var(--radius)); text-align: start; }
.suggestion span { flex: 1; min-width: 0; }
.suggestion svg { width: 16px; color: var(--muted); }
[dir=rtl] .suggestion svg { transform: scaleX(-1); }
@media (hover: hover) { .suggestion:hover { border-color: var(--link); } }
`);
