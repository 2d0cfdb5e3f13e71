import { type Language, LANGUAGES } from "../widget/language.ts";
import { bundleWidget } from "./widget-bundle.ts" with { type: "macro" };

/** A file of the widget as browsers load it. */
export interface WidgetFile {
  readonly path: string;
  /** Unpacked each time: nearly every browser takes the gzipped bytes, and both would cost memory. */
  readonly source: string;
  /** The source, gzipped at the best level. The limits count these bytes. */
  readonly gzip: Uint8Array<ArrayBuffer>;
  /** The first 16 hex digits of a SHA-256 of what it was made from; a panel's has its language behind it. */
  readonly hash: string;
}

/** The size limits, gzipped (contract section 6). A test and the build enforce them. */
export const MAX_GZIP_BYTES = {
  loader: 4 * 1024,
  panel: 24 * 1024,
  extras: 2 * 1024,
  sources: 1024,
  preview: 1024,
  limits: 4 * 1024,
  people: 8 * 1024,
  element: 4 * 1024,
} as const;

const built = bundleWidget();

/** The files beside the panel that are the same in every language. */
export const BESIDE = ["extras", "sources", "preview", "limits"] as const;
export type BesideName = (typeof BESIDE)[number];

/** The route of the panel. A name that is not the newest panel's gets the newest one all the same. */
export const PANEL_ROUTE = "/widget/panel/:file";

export const widgetFiles = {
  /** What a page's script tag loads: the newest loader, at an address that stays. */
  loader: fileOf("/widget/chat-widget.js", built.loader),
  /** The element <chat-porch> as a module. Projects keep copies of it. */
  element: fileOf("/widget/chat-porch.js", built.element),
  /** The types of that module. */
  types: fileOf("/widget/chat-porch.d.ts", built.types),
  /** What few visits need. The panel loads it when it needs something of it. */
  extras: besideFile("extras"),
  /** What shows the sources of answers. The panel loads it when an answer has some. */
  sources: besideFile("sources"),
  /** The beginning of an answer beside the launcher. The panel loads it when there is one while it is closed. */
  preview: besideFile("preview"),
  /** Proof of work, and what is said at the server's limits. The panel loads it when a question is refused at one. */
  limits: besideFile("limits"),
  /** Loader and panel in one, for a page that checks the hash. After an upgrade this address no longer exists. */
  whole: Object.assign(fileOf(`/widget/chat-widget.${built.whole.hash}.js`, built.whole), {
    /** The value of a script tag's `integrity` attribute. */
    integrity: built.integrity,
  }),
} as const;

function besideFile(name: BesideName): WidgetFile {
  return fileOf(panelPath(`${built.panel.hash}.${name}`), built[name]);
}

/** The path of the panel, or of a file beside it. */
function panelPath(name: string): string {
  return PANEL_ROUTE.replace(":file", `${name}.js`);
}

/**
 * What the loader loads: the panel with what it says in one language. Loaders of the first versions name none and get all
 * languages. After an upgrade there is another panel, at another address.
 */
export function panelFile(language?: Language): WidgetFile {
  const { hash } = built.panel;
  return fileInOne(language ? `${hash}.${language}` : hash, built.panel, language);
}

/** Ratings and people, beside the panel in the same language. The panel loads it when they are to be seen. */
export function peopleFile(language: Language): WidgetFile {
  return fileInOne(`${built.panel.hash}.people.${language}`, built.people, language);
}

type Parts = Readonly<Record<"code" | "sentences" | "styles", string>>;

/** Code, what it says in one language or in all, and styles: one file. */
function putTogether(parts: Parts, language: Language | undefined): string {
  const unpacked = (part: keyof Parts) => unpack(Uint8Array.fromBase64(parts[part]));
  const all = unpacked("sentences");
  const json = language ? JSON.stringify({ [language]: JSON.parse(all)[language] }) : all;
  // Names of JavaScript need no quotes. A quote inside of a sentence has a backslash before it.
  const said = json.replaceAll(/"(\w+)":/g, "$1:");
  return `${unpacked("code")}
const SENTENCES=${said},STYLES=${unpacked("styles")};export{SENTENCES as sentences};
`;
}

/** By their names. */
const madeFiles = new Map<string, WidgetFile>();

/** A file is put together when it is first asked for, in a few milliseconds, and kept: most servers need few of them. */
function fileInOne(name: string, parts: Parts, language: Language | undefined): WidgetFile {
  const made = madeFiles.get(name);
  if (made) return made;
  const source = putTogether(parts, language);
  const gzip = Bun.gzipSync(source, { library: "libdeflate", level: 12 });
  const file = fileFrom(panelPath(name), name, () => gzip);
  madeFiles.set(name, file);
  return file;
}

/**
 * The sizes of the files beside their limits, a line each, and whether they keep within them. Those of panel and people are
 * of the language that takes most.
 */
export function widgetSizes(): { readonly lines: readonly string[]; readonly isWithin: boolean } {
  const largest = (file: (language: Language) => WidgetFile) =>
    Math.max(...LANGUAGES.map((language) => file(language).gzip.length));
  const bytesOf = (name: keyof typeof MAX_GZIP_BYTES) => {
    if (name === "panel") return largest(panelFile);
    return name === "people" ? largest(peopleFile) : widgetFiles[name].gzip.length;
  };
  const names = Object.keys(MAX_GZIP_BYTES) as (keyof typeof MAX_GZIP_BYTES)[];
  const sizes = names.map((name) => ({ name, bytes: bytesOf(name), max: MAX_GZIP_BYTES[name] }));
  return {
    lines: sizes.map(({ name, bytes, max }) => `${name}: ${bytes} of ${max} bytes, gzipped`),
    isWithin: sizes.every(({ bytes, max }) => bytes <= max),
  };
}

function fileOf(
  path: string,
  { gzip: base64, hash }: ReturnType<typeof bundleWidget>["loader"],
): WidgetFile {
  let gzip: WidgetFile["gzip"] | undefined;
  // A server that nobody asks for the file does without it.
  return fileFrom(path, hash, () => (gzip ??= Uint8Array.fromBase64(base64)));
}

function fileFrom(path: string, hash: string, gzip: () => WidgetFile["gzip"]): WidgetFile {
  return {
    path,
    hash,
    get gzip() {
      return gzip();
    },
    get source() {
      return unpack(gzip());
    },
  };
}

function unpack(gzip: WidgetFile["gzip"]): string {
  return new TextDecoder().decode(Bun.gunzipSync(gzip));
}
