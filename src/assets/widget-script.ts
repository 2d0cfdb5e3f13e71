import type { WidgetSettings } from "../config/widget.ts";
import { widgetAsset } from "./widget.ts";

/** The widget's script as it is sent. */
export interface WidgetScript {
  readonly source: string;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The widget without settings, whose hash a page may check. */
export const UNCHANGED: WidgetScript = {
  source: widgetAsset.source,
  gzip: widgetAsset.gzip,
  etag: `W/"${widgetAsset.hash}"`,
};

/** Sets the attributes that the page's script tag does not have. */
const SET_MISSING = "((d,s)=>{for(const n in s)d&&!(n in d)&&(d[n]=s[n])})";

/**
 * The newest widget, with what the owner has set for all pages: a first line gives the script tag the attributes that
 * the page leaves out. So the widget needs no request for them, and without settings it is sent as it is.
 */
export function widgetScriptFor(settings: WidgetSettings): WidgetScript {
  const attributes = attributesOf(settings);
  if (Object.keys(attributes).length === 0) return UNCHANGED;
  const line = `${SET_MISSING}(document.currentScript?.dataset,${JSON.stringify(attributes)});\n`;
  const whole = line + UNCHANGED.source;
  const version = new Bun.CryptoHasher("sha256").update(whole).digest("hex").slice(0, 16);
  return { source: whole, gzip: Bun.gzipSync(whole), etag: `W/"${version}"` };
}

/** By their names in `dataset`. Only those that the widget has; the others are for widgets to come. */
function attributesOf(settings: WidgetSettings): Record<string, string> {
  const attributes = {
    title: settings.title,
    welcomeMessage: settings.greeting,
    suggestions: settings.suggestions.join(" | "),
    notice: settings.notice,
    privacyUrl: settings.privacyUrl,
    accentColor: settings.color,
  };
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, text]) => (text ? [[name, text]] : [])),
  );
}
