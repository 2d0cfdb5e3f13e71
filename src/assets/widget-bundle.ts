import { bundleClient } from "./client-bundle.ts";

/** A file of the widget as the build makes it. */
interface Bundle {
  readonly source: string;
  /** The source, gzipped, as base64. Compressed at build time, because the best level would slow down every start. */
  readonly gzip: string;
  /** The first 16 hex digits of the source's SHA-256. */
  readonly hash: string;
}

/**
 * A macro: builds the files of the widget. The loader has the name of its panel's file in it, so a page that has a
 * loader asks for the panel that was built with it.
 */
export function bundleWidget() {
  const panel = bundle(bundleClient("./widget/panel/panel.ts", { format: "esm" }));
  const constants = { PANEL_FILE: `${panel.hash}.js` };
  const loader = bundle(bundleClient("./widget/loader/main.ts", { format: "iife", constants }));
  const whole = bundle(bundleClient("./widget/whole.ts"));
  return { loader, panel, whole };
}

function bundle(source: string): Bundle {
  return {
    source,
    gzip: Bun.gzipSync(source, { library: "libdeflate", level: 12 }).toBase64(),
    hash: new Bun.CryptoHasher("sha256").update(source).digest("hex").slice(0, 16),
  };
}
