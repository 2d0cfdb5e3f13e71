import { Elysia, t } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { documented } from "../http/documented.ts";
import type { Link } from "../http/link.ts";
import { derived } from "../runtime/derived.ts";
import { demoPage } from "./demo-page.ts";
import { UNCHANGED, type WidgetScript, widgetScriptFor } from "./widget-script.ts";
import { widgetAsset } from "./widget.ts";

interface AssetRoutesDeps {
  readonly config: Pick<Config, "server" | "keys" | "model" | "widget">;
  readonly link: Link;
  /** Called for each request for the widget's script. */
  readonly onScript: (request: Request) => void;
  /** The page at `/` where the demo page is not. */
  readonly frontPage: { readonly html: string; readonly headers: Readonly<Headers> };
}

/** After an upgrade or a change of its texts, a visitor may run the old widget for up to five minutes. */
const NEWEST = "public, max-age=300";
const ONE_YEAR = "public, max-age=31536000, immutable";

/** Serves the widget's script and the page at `/`: in development, one to try the widget. */
export function assetRoutes({ config, link, onScript, frontPage }: AssetRoutesDeps) {
  const isProduction = config.server.environment === "production";
  const newest = derived(() => config.widget, widgetScriptFor);

  function serveScript(cacheControl: string, script: () => WidgetScript) {
    return ({ request, set }: { request: Request; set: { headers: Headers } }) => {
      onScript(request);
      Object.assign(set.headers, {
        "content-type": "text/javascript; charset=utf-8",
        // Pages of other origins load the widget, including pages that isolate themselves (COEP).
        "cross-origin-resource-policy": "cross-origin",
        vary: "Origin, Accept-Encoding",
      });
      const { source, gzip, etag } = script();
      if (isProduction) Object.assign(set.headers, { "cache-control": cacheControl, etag });
      if (isProduction && matches(request.headers.get("if-none-match"), etag)) {
        return new Response(null, { status: 304 });
      }
      if (!acceptsGzip(request.headers.get("accept-encoding"))) return source;
      set.headers["content-encoding"] = "gzip";
      return new Response(gzip);
    };
  }

  return new Elysia({ name: "assets" })
    .get(widgetAsset.path, serveScript(NEWEST, newest), {
      detail: documented({
        operationId: "getWidget",
        summary: "The widget, for a script tag",
        description:
          "In production it may be cached for five minutes; after that, its ETag gets a 304 while it is the newest. " +
          "The same script is at an address with its hash, /widget/chat-widget.<hash>.js, for a script tag with " +
          "`integrity`; that address never changes its content and may be cached for a year. The plain address sends the " +
          "owner's texts and looks with the script.",
        tag: "assets",
        responses: SCRIPT_RESPONSES,
        errors: [],
      }),
    })
    .get(
      widgetAsset.immutablePath,
      serveScript(ONE_YEAR, () => UNCHANGED),
      {
        // The address contains a hash that changes with every version, so it is not in the OpenAPI document.
        detail: { hide: true },
      },
    )
    .get(
      "/",
      ({ request, set }) => {
        if (config.server.environment !== "development") {
          if (!isForPeople(request)) throw new AppError("not_found");
          Object.assign(set.headers, frontPage.headers);
          return frontPage.html;
        }
        const page = demoPage(config, link);
        set.headers["content-type"] = "text/html; charset=utf-8";
        set.headers["content-security-policy"] = page.contentSecurityPolicy;
        return page.html;
      },
      {
        detail: documented({
          operationId: "getDemoPage",
          summary: "A page for people; in development, it has the widget",
          description: "A client that does not accept text/html gets 404 in production.",
          tag: "assets",
          responses: {
            200: { description: "The page", content: { "text/html": t.String() } },
          },
          errors: ["not_found"],
        }),
      },
    );
}

type Headers = Record<string, string | number>;

const SCRIPT_RESPONSES = {
  200: {
    description: "The script",
    content: { "text/javascript": t.String() },
    headers: ["ETag"],
  },
  304: { description: "The client already has this script", headers: ["ETag"] },
} as const;

/** Whether a browser asks for a page. Programs go on getting a 404. */
function isForPeople({ headers }: Request): boolean {
  return /\btext\/html\b/i.test(headers.get("accept") ?? "");
}

/** Weak comparison (RFC 9110, section 13.1.2). */
function matches(ifNoneMatch: string | null, etag: string): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  const tags = ifNoneMatch?.split(",").map(opaque) ?? [];
  return tags.includes("*") || tags.includes(opaque(etag));
}

function acceptsGzip(acceptEncoding: string | null): boolean {
  return /(?:^|,)\s*gzip\s*(?:$|,|;\s*q=(?:1|0?\.\d*[1-9]))/i.test(acceptEncoding ?? "");
}
