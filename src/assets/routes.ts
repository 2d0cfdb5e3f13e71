import { Elysia, t } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { documented } from "../http/documented.ts";
import type { Link } from "../http/link.ts";
import { demoPage } from "./demo-page.ts";
import { widgetFileRoutes } from "./widget-file-routes.ts";

interface AssetRoutesDeps {
  readonly config: Pick<Config, "server" | "keys" | "model" | "widget">;
  readonly link: Link;
  /** Called for each request for a file that script tags load. */
  readonly onScript: (request: Request) => void;
  /** The page at `/` where the demo page is not. */
  readonly frontPage: { readonly html: string; readonly headers: Readonly<Headers> };
}

/** Serves the files of the widget and the page at `/`: in development, one to try the widget. */
export function assetRoutes({ config, link, onScript, frontPage }: AssetRoutesDeps) {
  return new Elysia({ name: "assets" }).use(widgetFileRoutes({ config, onScript })).get(
    "/",
    ({ request, set }) => {
      if (config.server.environment !== "development") {
        if (!isForPeople(request)) throw new AppError("not_found");
        Object.assign(set.headers, frontPage.headers);
        return frontPage.html;
      }
      const address = config.server.publicUrl ?? new URL(request.url).origin;
      const page = demoPage(config, link, address);
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

/** Whether a browser asks for a page. Programs go on getting a 404. */
function isForPeople({ headers }: Request): boolean {
  return /\btext\/html\b/i.test(headers.get("accept") ?? "");
}
