import { bundleWidget } from "./widget-bundle.ts" with { type: "macro" };

/** A file of the widget as browsers load it. */
export interface WidgetFile {
  readonly path: string;
  /** Unpacked each time: nearly every browser takes the gzipped bytes, and both would cost memory. */
  readonly source: string;
  /** The source, gzipped at the best level. The limits count these bytes. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** The first 16 hex digits of the source's SHA-256. */
  readonly hash: string;
}

/** The size limits, gzipped (contract section 6). A test and the build enforce them. */
export const MAX_GZIP_BYTES = { loader: 4 * 1024, panel: 24 * 1024, element: 4 * 1024 } as const;

const built = bundleWidget();

/** The route of the panel. A name that is not the newest panel's gets the newest one all the same. */
export const PANEL_ROUTE = "/widget/panel/:file";

export const widgetFiles = {
  /** What a page's script tag loads: the newest loader, at an address that stays. */
  loader: fileOf("/widget/chat-widget.js", built.loader),
  /** What the loader loads. After an upgrade there is another one, at another address. */
  panel: fileOf(PANEL_ROUTE.replace(":file", `${built.panel.hash}.js`), built.panel),
  /** The element <chat-porch> as a module. Projects keep copies of it. */
  element: fileOf("/widget/chat-porch.js", built.element),
  /** The types of that module. */
  types: fileOf("/widget/chat-porch.d.ts", built.types),
  /** Loader and panel in one, for a page that checks the hash. After an upgrade this address no longer exists. */
  whole: Object.assign(fileOf(`/widget/chat-widget.${built.whole.hash}.js`, built.whole), {
    /** The value of a script tag's `integrity` attribute. */
    integrity: built.integrity,
  }),
} as const;

/** The sizes of loader, panel and element beside their limits, a line each, and whether they keep within them. */
export function widgetSizes(): { readonly lines: readonly string[]; readonly isWithin: boolean } {
  const sizes = (["loader", "panel", "element"] as const).map((name) => ({
    name,
    bytes: widgetFiles[name].gzip.length,
    max: MAX_GZIP_BYTES[name],
  }));
  return {
    lines: sizes.map(({ name, bytes, max }) => `${name}: ${bytes} of ${max} bytes, gzipped`),
    isWithin: sizes.every(({ bytes, max }) => bytes <= max),
  };
}

function fileOf(
  path: string,
  { gzip: base64, hash }: ReturnType<typeof bundleWidget>["loader"],
): WidgetFile {
  const gzip = Uint8Array.fromBase64(base64);
  return {
    path,
    gzip,
    hash,
    get source() {
      return new TextDecoder().decode(Bun.gunzipSync(gzip));
    },
  };
}
