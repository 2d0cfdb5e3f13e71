import { compact } from "../compact.ts" with { type: "macro" };

/** The style sheet of the element before its panel is there. Every rule of the page for the element itself wins. */
export const EMBEDDED_STYLES = compact(`
:host { display: block; height: 560px; }
:host([hidden]) { display: none; }
:host([mode=page]) { position: fixed; inset: 0; height: auto; }
.root { all: initial; position: relative; display: block; height: 100%; font: 15px/1.5 system-ui, sans-serif; }
.failed { position: absolute; inset: 0; width: fit-content; height: fit-content; margin: auto; border: 1px solid #8886; border-radius: 14px; background: Canvas; color: CanvasText; }
.failed button { font: inherit; color: inherit; padding: 10px 16px; border: 0; background: none; cursor: pointer; }
`);
