import type { BrowserPage } from "./browser.ts";

/** What tests do with an open panel, and expressions that say what it shows. */

export async function ask(page: BrowserPage, question: string): Promise<void> {
  await page.fill("textarea", question);
  await page.press("Enter");
}

/** Begins a new chat, as a visitor does. */
export async function newChat(page: BrowserPage): Promise<void> {
  await page.click(".menu .tool");
  await page.click(".items button");
}

/** Picks a line of the open menu. */
export async function pick(page: BrowserPage, line: string): Promise<void> {
  await page.evaluate(`$$(".items > *").find((each) => each.textContent === "${line}").click()`);
}

/** These are all messages. */
export const shown = (...texts: string[]) =>
  `JSON.stringify($$(".log .message:not([hidden]) .bubble").map((each) => each.textContent)) === ${JSON.stringify(JSON.stringify(texts))}`;

/** So many answers have ended. */
export const finished = (count: number) =>
  `$$(".log .assistant:not(.pending)").length === ${count}`;

/** The notice is there, and has this in it. */
export const notice = (text: string) =>
  `$(".notice:not([hidden])")?.textContent.includes("${text}")`;

/** Presses twice at once what is at the place of the element: the second time what has come there. */
export const pressTwice = (selector: string) =>
  `void (({ x, y, width, height }, root) => { for (let time = 0; time < 2; time++) root.elementFromPoint(x + width / 2, y + height / 2)?.click(); })($("${selector}").getBoundingClientRect(), $("${selector}").getRootNode())`;

/** A script after which the offer to undo ends after a moment instead of 8 s. */
export const SHORT_OFFER = `window.setTimeout = ((set) => (act, ms, ...rest) => set(act, ms === 8000 ? 60 : ms, ...rest))(setTimeout)`;

/** Notes the codes of errors that the page hears of, as `heard`. */
export const LISTEN =
  "void (window.heard = [], Chatporch.on('error', ({ code }) => heard.push(code)))";
