import { bundleClient, gzipClient } from "./client-bundle.ts" with { type: "macro" };

/** The widget as browsers get it: one file, known by its hash. */
export interface WidgetAsset {
  readonly source: string;
  /** Bytes of gzip at its best, which is what the budget counts. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** Of the source; part of the address that never changes its content. */
  readonly hash: string;
  /** The value of a script tag's `integrity` attribute. */
  readonly integrity: string;
  /** The address that always has the newest. */
  readonly path: string;
  /** The address that has exactly this one, for as long as the server does. */
  readonly immutablePath: string;
}

/** What the widget may weigh, gzipped, in bytes (contract section 6). A test and the build hold it. */
export const MAX_WIDGET_GZIP_BYTES = 12 * 1024;

const source = bundleClient("./widget/main.ts");
const hash = new Bun.CryptoHasher("sha256").update(source).digest("hex").slice(0, 16);

export const widgetAsset: WidgetAsset = {
  source,
  gzip: Uint8Array.fromBase64(gzipClient("./widget/main.ts")),
  hash,
  integrity: `sha384-${new Bun.CryptoHasher("sha384").update(source).digest("base64")}`,
  path: "/widget/chat-widget.js",
  immutablePath: `/widget/chat-widget.${hash}.js`,
};
