import { type BrowserPage, openPage, type PageOptions } from "./browser.ts";
import type { Website } from "./website.ts";
import { widgetTag } from "./widget-tag.ts";

/** The answer that was asked for has ended. */
export const ENDED = "$('.log .assistant:not(.pending) .meta .copy')";

export interface PanelOptions extends PageOptions {
  /** Of the script tag. */
  readonly attributes?: string;
}

/** Opens a page with the widget, and its panel. That is 392 pixels wide unless the screen is smaller than this one. */
export async function openPanel(
  website: Website,
  server: string,
  { attributes, ...options }: PanelOptions = {},
): Promise<BrowserPage> {
  website.show(widgetTag(server, attributes));
  const page = await openPage({ width: 900, height: 760, ...options });
  await page.goto(website.origin);
  await page.waitFor("window.Chatporch");
  await page.evaluate("Chatporch.open()");
  await page.waitFor("$('.panel')");
  return page;
}
