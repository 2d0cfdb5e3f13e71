import { widgetFiles } from "../../src/assets/widget-files.ts";
import { WIDGET_KEY } from "./test-app.ts";

/**
 * The script tag that puts the widget on a page.
 * @param server the address that the widget comes from
 * @param attributes as they stand in the tag: `data-open data-lang="de"`
 */
export function widgetTag(server: string, attributes = "", key = WIDGET_KEY): string {
  return `<script src="${server}${widgetFiles.loader.path}" data-api-key="${key}" ${attributes} defer></script>`;
}
