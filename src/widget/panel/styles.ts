import { BASE } from "./styles/base.ts";
import { COMPOSER } from "./styles/composer.ts";
import { FIRST_SCREEN } from "./styles/first-screen.ts";
import { FRAME } from "./styles/frame.ts";
import { HEAD } from "./styles/head.ts";
import { MARKDOWN } from "./styles/markdown.ts";
import { MESSAGES } from "./styles/messages.ts";
import { NOTICE } from "./styles/notice.ts";
import { SCROLL_AREA } from "./styles/scroll-area.ts";

/**
 * The panel's style sheet, after the loader's. The loader may be older, so this one is whole without it. Of two rules that
 * are equally specific, that of the later part wins. The build imports it, and gives it to the code.
 */
export const STYLES =
  BASE + FRAME + HEAD + SCROLL_AREA + MESSAGES + MARKDOWN + FIRST_SCREEN + NOTICE + COMPOSER;
