import { bundleClient, gzipClient } from "./client-bundle.ts" with { type: "macro" };

/** The widget as browsers load it: one file, identified by its hash. */
interface WidgetAsset {
  readonly source: string;
  /** The source, gzipped at the best level. The size budget counts these bytes. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** The hash of the source. It is part of immutablePath. */
  readonly hash: string;
  /** The value of a script tag's `integrity` attribute. */
  readonly integrity: string;
  /** The address of the newest widget. */
  readonly path: string;
  /** The address of exactly this widget. After an upgrade it no longer exists. */
  readonly immutablePath: string;
}

/** The widget's size limit, gzipped (contract section 6). A test and the build enforce it. */
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
