import { Elysia, t } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { documented } from "../http/documented.ts";
import { derived } from "../runtime/derived.ts";
import { languageOf } from "../widget/language.ts";
import {
  BESIDE,
  type BesideName,
  PANEL_ROUTE,
  panelFile,
  peopleFile,
  type WidgetFile,
  widgetFiles,
} from "./widget-files.ts";
import { loaderFor, type WidgetScript } from "./widget-script.ts";

interface WidgetFileRoutesDeps {
  readonly config: Pick<Config, "server" | "widget">;
  /** Called for each request for a file that script tags load. */
  readonly onScript: (request: Request) => void;
}

/** After an upgrade or a change of its texts, a visitor may run the old widget for up to five minutes. */
const NEWEST = "public, max-age=300";
const ONE_YEAR = "public, max-age=31536000, immutable";
const JAVASCRIPT = "text/javascript; charset=utf-8";
const PANEL_FILE = /^[0-9a-f]{16}(?:\.([a-z-]{2,12}))?\.js$/;
/** A panel whose name has no language, as the first loaders ask for it, asks for what is beside it without a hash. */
const BESIDE_PANEL = new RegExp(
  `^(?:[0-9a-f]{16}\\.)?(?:(${BESIDE.join("|")})|people\\.([a-z-]{2,12}))\\.js$`,
);

/** Serves the files of the widget. Any website may load and read them (src/net/areas.ts). */
export function widgetFileRoutes({ config, onScript }: WidgetFileRoutesDeps) {
  const isProduction = config.server.environment === "production";
  const newest = derived(() => config.widget, loaderFor);

  function send(
    { request, set }: Context,
    cacheControl: string,
    script: WidgetScript,
    contentType = JAVASCRIPT,
  ) {
    const etag = `W/"${script.hash}"`;
    Object.assign(set.headers, {
      "content-type": contentType,
      // Pages of other origins load the widget, including pages that isolate themselves (COEP).
      "cross-origin-resource-policy": "cross-origin",
      vary: "Accept-Encoding",
    });
    if (isProduction) Object.assign(set.headers, { "cache-control": cacheControl, etag });
    if (isProduction && matches(request.headers.get("if-none-match"), etag)) {
      return new Response(null, { status: 304 });
    }
    if (!acceptsGzip(request.headers.get("accept-encoding"))) return script.source;
    set.headers["content-encoding"] = "gzip";
    return new Response(script.gzip);
  }

  return new Elysia({ name: "widget-files" })
    .get(
      widgetFiles.loader.path,
      ({ request, set }) => {
        onScript(request);
        return send({ request, set }, NEWEST, newest());
      },
      { detail: LOADER },
    )
    .get(
      widgetFiles.whole.path,
      ({ request, set }) => {
        onScript(request);
        return send({ request, set }, ONE_YEAR, widgetFiles.whole);
      },
      // The address contains a hash that changes with every version, so it is not in the OpenAPI document.
      { detail: { hide: true } },
    )
    .get(
      widgetFiles.element.path,
      ({ request, set }) => {
        onScript(request);
        return send({ request, set }, NEWEST, widgetFiles.element);
      },
      { detail: ELEMENT_DETAIL },
    )
    .get(
      widgetFiles.types.path,
      ({ request, set }) =>
        send({ request, set }, NEWEST, widgetFiles.types, "text/plain; charset=utf-8"),
      { detail: TYPES_DETAIL },
    )
    .get(
      PANEL_ROUTE,
      ({ request, set, params: { file } }) => {
        const found = fileNamed(file);
        if (!found) throw new AppError("not_found");
        const isNewest = found.path.endsWith(`/${file}`);
        return send({ request, set }, isNewest ? ONE_YEAR : NEWEST, found);
      },
      { detail: PANEL_DETAIL },
    );
}

/** The panel or a file beside it, by a name with the hash of any version. */
function fileNamed(name: string): WidgetFile | undefined {
  // A loader of a newer version may know more languages.
  const spoken = (language: string) => languageOf(language) ?? "en";
  const [, other, people] = BESIDE_PANEL.exec(name) ?? [];
  if (other) return widgetFiles[other as BesideName];
  if (people) return peopleFile(spoken(people));
  const [panel, language] = PANEL_FILE.exec(name) ?? [];
  return panel ? panelFile(language ? spoken(language) : undefined) : undefined;
}

interface Context {
  readonly request: Request;
  readonly set: { readonly headers: Record<string, string | number> };
}

const SCRIPT_RESPONSES = {
  200: {
    description: "The script",
    content: { "text/javascript": t.String() },
    headers: ["ETag"],
  },
  304: { description: "The client already has this script", headers: ["ETag"] },
} as const;

const LOADER = documented({
  operationId: "getWidget",
  summary: "The widget, for a script tag",
  description:
    "The launcher, which loads the panel when a visitor reaches for it. In production it may be cached for five minutes; " +
    "after that, its ETag gets a 304 while it is the newest. It begins with the owner's texts and looks. For a script tag " +
    "with `integrity` there is launcher and panel in one at an address with its hash, /widget/chat-widget.<hash>.js; that " +
    "address never changes its content and may be cached for a year.",
  tag: "assets",
  responses: SCRIPT_RESPONSES,
  errors: [],
});

const ELEMENT_DETAIL = documented({
  operationId: "getChatElement",
  summary: "The element <chat-porch>, as a module",
  description:
    "A chat as a part of a page, or as a page of its own. The module defines the element and loads the panel. A page " +
    "imports it from here, or a project has a copy of it and gives the element the server's address.",
  tag: "assets",
  responses: SCRIPT_RESPONSES,
  errors: [],
});

const TYPES_DETAIL = documented({
  operationId: "getChatElementTypes",
  summary: "The types of the module at /widget/chat-porch.js, for TypeScript",
  description: "A project that has a copy of the module puts this file beside it.",
  tag: "assets",
  responses: {
    200: {
      description: "The declarations",
      content: { "text/plain": t.String() },
      headers: ["ETag"],
    },
    304: { description: "The client already has them", headers: ["ETag"] },
  },
  errors: [],
});

const PANEL_DETAIL = documented({
  operationId: "getWidgetPanel",
  summary: "The panel of the widget, which the script at /widget/chat-widget.js loads",
  description:
    "The file's name is the hash of a panel, 16 hex digits, and a language: `<hash>.<language>.js`. Without a language it " +
    "has all of them. Beside it are `<hash>.extras.js`, which has what few visits need, `<hash>.sources.js`, which shows the " +
    "sources of answers, `<hash>.preview.js` with what stands beside a closed chat, `<hash>.limits.js` with the proof of work " +
    "and what is said at the server's limits, and `<hash>.people.<language>.js` with ratings and people; the panel loads them " +
    "when it needs them. The newest panel may be cached for a year. For any other hash, of an older or a newer version of the server, the answer is " +
    "the newest panel, too, and for an unknown language English; both may be cached for five minutes.",
  tag: "assets",
  responses: SCRIPT_RESPONSES,
  errors: ["not_found"],
});

/** Weak comparison (RFC 9110, section 13.1.2). */
function matches(ifNoneMatch: string | null, etag: string): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  const tags = ifNoneMatch?.split(",").map(opaque) ?? [];
  return tags.includes("*") || tags.includes(opaque(etag));
}

function acceptsGzip(acceptEncoding: string | null): boolean {
  return /(?:^|,)\s*gzip\s*(?:$|,|;\s*q=(?:1|0?\.\d*[1-9]))/i.test(acceptEncoding ?? "");
}
