import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ALL } from "../widget/panel/languages/all.ts";
import { STYLES } from "../widget/panel/styles.ts";
import { ALL as PEOPLE_ALL } from "../widget/people/languages/all.ts";
import { PEOPLE_STYLES } from "../widget/people/styles.ts";
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
  const code = bundleClient("./widget/panel/main.ts", {
    format: "esm",
    privateNames: PRIVATE_NAMES,
  });
  const extras = bundleClient("./widget/panel/extras.ts", { format: "esm" });
  const sources = bundleClient("./widget/panel/source-list.ts", { format: "esm" });
  const preview = bundleClient("./widget/panel/preview.ts", { format: "esm" });
  const limits = bundleClient("./widget/limits/limits.ts", { format: "esm" });
  const peopleCode = bundleClient("./widget/people/main.ts", { format: "esm" });
  const inPanel = [code, JSON.stringify(ALL), JSON.stringify(STYLES)] as const;
  const inPeople = [peopleCode, JSON.stringify(PEOPLE_ALL), JSON.stringify(PEOPLE_STYLES)] as const;
  const panel = {
    ...parts(...inPanel),
    hash: hash([...inPanel, ...inPeople, extras, sources, preview, limits].join("")),
  };
  const constants = { PANEL_HASH: panel.hash };
  const loader = bundle(bundleClient("./widget/loader/main.ts", { format: "iife", constants }));
  const whole = bundleClient("./widget/whole.ts", {
    format: "iife",
    privateNames: PRIVATE_NAMES,
    constants: { STYLES, PEOPLE_STYLES },
  });
  const integrity = `sha384-${new Bun.CryptoHasher("sha384").update(whole).digest("base64")}`;
  const module = bundleClient("./widget/embedded/main.ts", { format: "esm", constants });
  const types = readFileSync(join(import.meta.dir, "../widget/embedded/public.d.ts"), "utf8");
  return {
    loader,
    panel,
    extras: bundle(extras),
    sources: bundle(sources),
    preview: bundle(preview),
    limits: bundle(limits),
    people: parts(...inPeople),
    whole: bundle(whole),
    integrity,
    element: bundle(module),
    types: bundle(types),
  };
}

/** What a file in one language or more is put together from (widget-files.ts). */
function parts(code: string, sentences: string, styles: string) {
  return { code: gzip(code), sentences: gzip(sentences), styles: gzip(styles) };
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
