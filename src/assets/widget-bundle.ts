import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ALL } from "../widget/panel/languages/all.ts";
import { STYLES } from "../widget/panel/styles.ts";
import { bundleClient } from "./client-bundle.ts";
import { PRIVATE_NAMES } from "./private-names.ts";

/** A file of the widget as the build makes it. */
interface Bundle {
  /** The source, gzipped, as base64. Compressed at build time, because the best level would slow down every start. */
  readonly gzip: string;
  /** The first 16 hex digits of the source's SHA-256. */
  readonly hash: string;
}

/**
 * A macro: builds the files of the widget. The loader and the element have the name of their panel's file in them, so a
 * page asks for the panel that was built with what it has.
 */
export function bundleWidget() {
  const sentences = JSON.stringify(ALL);
  const styles = JSON.stringify(STYLES);
  const code = bundleClient("./widget/panel/main.ts", {
    format: "esm",
    privateNames: PRIVATE_NAMES,
  });
  const extras = bundleClient("./widget/panel/extras.ts", { format: "esm" });
  const panel = {
    code: gzip(code),
    sentences: gzip(sentences),
    styles: gzip(styles),
    hash: hash(code + sentences + styles + extras),
  };
  const constants = { PANEL_HASH: panel.hash };
  const loader = bundle(bundleClient("./widget/loader/main.ts", { format: "iife", constants }));
  const whole = bundleClient("./widget/whole.ts", {
    format: "iife",
    privateNames: PRIVATE_NAMES,
    constants: { STYLES },
  });
  const integrity = `sha384-${new Bun.CryptoHasher("sha384").update(whole).digest("base64")}`;
  const module = bundleClient("./widget/embedded/main.ts", { format: "esm", constants });
  const types = readFileSync(join(import.meta.dir, "../widget/embedded/public.d.ts"), "utf8");
  return {
    loader,
    panel,
    extras: bundle(extras),
    whole: bundle(whole),
    integrity,
    element: bundle(module),
    types: bundle(types),
  };
}

function bundle(source: string): Bundle {
  return { gzip: gzip(source), hash: hash(source) };
}

function gzip(source: string): string {
  return Bun.gzipSync(source, { library: "libdeflate", level: 12 }).toBase64();
}

function hash(source: string): string {
  return new Bun.CryptoHasher("sha256").update(source).digest("hex").slice(0, 16);
}
