import type { WidgetSettings } from "../config/widget.ts";
import { type WidgetFile, widgetFiles } from "./widget-files.ts";

/** A file of the widget as it is sent. */
export type WidgetScript = Pick<WidgetFile, "source" | "gzip" | "hash">;

/** Sets the attributes that the page's script tag does not have. */
const SET_MISSING = "((d,s)=>{for(const n in s)d&&!(n in d)&&(d[n]=s[n])})";

/**
 * The newest loader, with what the owner has set for all pages: a first line gives the script tag the attributes that
 * the page leaves out. So the widget needs no request for them, and without settings it is sent as it is.
 */
export function loaderFor(settings: WidgetSettings): WidgetScript {
  const attributes = attributesOf(settings);
  if (Object.keys(attributes).length === 0) return widgetFiles.loader;
  const line = `${SET_MISSING}(document.currentScript?.dataset,${JSON.stringify(attributes)});\n`;
  const source = line + widgetFiles.loader.source;
  const hash = new Bun.CryptoHasher("sha256").update(source).digest("hex").slice(0, 16);
  return { source, gzip: Bun.gzipSync(source), hash };
}

/** By their names in `dataset`. */
function attributesOf(settings: WidgetSettings): Record<string, string> {
  const attributes = {
    title: settings.title,
    subtitle: settings.subtitle,
    welcomeMessage: settings.greeting,
    suggestions: settings.suggestions.join(" | "),
    notice: settings.notice,
    privacyUrl: settings.privacyUrl,
    accentColor: settings.color,
    logo: settings.logo,
  };
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, text]) => (text ? [[name, text]] : [])),
  );
}
