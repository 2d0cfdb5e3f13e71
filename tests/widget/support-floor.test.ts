import { describe, expect, test } from "bun:test";

import bcd from "@mdn/browser-compat-data" with { type: "json" };

import { panelFile, peopleFile, widgetFiles } from "../../src/assets/widget-files.ts";
import { EMBEDDED_STYLES } from "../../src/widget/embedded/styles.ts";
import { LOADER_STYLES } from "../../src/widget/loader/styles.ts";
import { STYLES } from "../../src/widget/panel/styles.ts";
import { PREVIEW } from "../../src/widget/panel/styles/preview.ts";
import { SOURCES } from "../../src/widget/panel/styles/sources.ts";
import { PEOPLE_STYLES } from "../../src/widget/people/styles.ts";

/**
 * The oldest browsers that the widget works in (docs/widget.md). This test compares every name in the widget's files with
 * MDN's table of what came with which version.
 */
const FLOOR = { chrome: 105, edge: 105, firefox: 110, safari: 16 } as const;

/** Newer, and used only where it is there. */
const GUARDED: Readonly<Record<string, string>> = {
  popover: "without it, the widget is a fixed element with a high z-index",
  showPopover: "called where `popover` is a property",
  adoptedStyleSheets: "a style element stands in for it",
  replaceSync: "a style element stands in for it",
  "color-mix": "asked for by CSS.supports; there are few notations for colours without it",
  "scrollbar-width": "without it, the scrollbar is as wide as elsewhere",
  thin: "of scrollbar-width",
  "scrollbar-color": "without it, the scrollbar looks as elsewhere",
  "content-visibility": "without it, a long table is laid out as a whole",
  "contain-intrinsic-height": "of content-visibility",
  auto: "of content-visibility",
  hyphens: "Safari before 17 has it with a prefix, which is there, too",
  touches: "read from events that have it",
  keepalive:
    "without it, a chat that is deleted while the page is being left may stay at the server",
  inert: "without it, the page behind can be reached with the keyboard",
};

/** Names of the widget's own, and words, which something newer has, too. */
const OWN = [
  [
    "accentColor",
    "actions",
    "day",
    "entry",
    "expand",
    "fullScreen",
    "hour",
    "hours",
    "lines",
    "memory",
    "minute",
    "number",
    "reasons",
    "red",
    "transcript",
    "try",
    "views",
  ],
  [
    "dispose",
    "error",
    "forget",
    "hide",
    "messages",
    "node",
    "retry",
    "seconds",
    "session",
    "sources",
  ],
  ["tag", "token"],
].flat();

interface Support {
  readonly version_added: string | boolean | null;
  readonly version_removed?: string | boolean | null;
  readonly flags?: unknown;
  readonly prefix?: string;
  readonly alternative_name?: string;
}

interface Compat {
  readonly support: Readonly<Record<string, Support | readonly Support[] | undefined>>;
}

interface Tree {
  readonly [name: string]: Tree;
}

/** Infinity for a version that is not there. */
function versionOf(text: string | boolean | null | undefined): number {
  return typeof text === "string" ? Number.parseFloat(text.replace("≤", "")) || Infinity : Infinity;
}

/** Whether a feature is in all browsers of the floor. */
function isOld({ support }: Compat): boolean {
  return Object.entries(FLOOR).every(([browser, floor]) =>
    [support[browser] ?? []].flat().some((each: Support) => {
      const { version_added: added, version_removed: removed, flags, prefix } = each;
      const isPlain = !flags && !prefix && !each.alternative_name;
      return isPlain && versionOf(added) <= floor && versionOf(removed) > floor;
    }),
  );
}

function compatOf(node: Tree): Compat | undefined {
  return node.__compat as unknown as Compat | undefined;
}

/** By the names of features: whether one with that name is old enough. */
function featuresOf(tree: Tree, depth: number): Map<string, boolean> {
  const found = new Map<string, boolean>();
  const visit = (node: Tree, left: number) => {
    for (const [key, child] of Object.entries(node)) {
      if (key === "__compat") continue;
      const name = key.replace(/_static$/, "");
      const compat = compatOf(child);
      if (compat) found.set(name, found.get(name) === true || isOld(compat));
      if (left > 1) visit(child, left - 1);
    }
  };
  visit(tree, depth);
  return found;
}

const tree = bcd as unknown as Tree;
const at = (...path: string[]) => path.reduce((node, name) => node[name] ?? ({} as Tree), tree);

/** Names that only newer browsers have. */
function newerAmong(names: Iterable<string>, features: ReadonlyMap<string, boolean>): string[] {
  return [...new Set(names)].filter((name) => features.get(name) === false && !(name in GUARDED));
}

const matches = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? "");

const SCRIPTS = [
  ["loader", widgetFiles.loader.source],
  ["panel", panelFile("en").source],
  ["extras", widgetFiles.extras.source],
  ["sources", widgetFiles.sources.source],
  ["preview", widgetFiles.preview.source],
  ["limits", widgetFiles.limits.source],
  ["people", peopleFile("en").source],
  ["whole", widgetFiles.whole.source],
  ["element", widgetFiles.element.source],
] as const;
const SHEETS = [
  ["loader", LOADER_STYLES],
  ["panel", STYLES + SOURCES + PREVIEW],
  ["people", PEOPLE_STYLES],
  ["element", EMBEDDED_STYLES],
] as const;

const properties = featuresOf(at("css", "properties"), 1);
const members = new Map(OWN.map((name) => [name, true]));
for (const [name, isOldEnough] of [
  ...featuresOf(at("api"), 2),
  ...featuresOf(at("javascript", "builtins"), 3),
  ...[...properties].map(
    ([name, is]) => [name.replace(/-(.)/g, (_, c) => c.toUpperCase()), is] as const,
  ),
]) {
  members.set(name, members.get(name) === true || isOldEnough);
}

/** A comment, a text, a regular expression where no division can stand, or one character. */
const IN_CODE =
  /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=[(,=:[!&|?{};>])\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|[^]/y;
const IN_TEMPLATE = /\\[^]|\$\{|[^]/y;

/** What a script does: its code, also that in templates, without comments, texts and regular expressions. */
function codeOf(source: string): string {
  const open: string[] = [];
  let code = "";
  for (let at = 0; at < source.length;) {
    const isText = open.at(-1) === "`";
    const pattern = isText ? IN_TEMPLATE : IN_CODE;
    pattern.lastIndex = at;
    const [token = ""] = pattern.exec(source) ?? [];
    at += token.length;
    if (token === "`" && isText) open.pop();
    else if (token === "`" || token === "${" || (token === "{" && !isText)) open.push(token);
    if (isText) continue;
    if (token === "}" && open.pop() === "${") code += ";";
    else code += token.length === 1 ? token : " ";
  }
  return code;
}

function newerInScript(source: string): string[] {
  const code = codeOf(source);
  const used = [
    // Roles and properties of ARIA: `element` sets them as attributes, but an assignment is a property.
    ...matches(code, /[.{,]\s*(?!aria[A-Z]|role\b)([A-Za-z]\w{2,})\b/g),
    ...matches(code, /\.((?:aria[A-Z]|role\b)\w*)\s*=(?!=)/g),
    ...matches(code, /\b([A-Z]\w{2,})\b/g),
  ];
  return newerAmong(used, members);
}

/** Syntax that has no name, with its place in the table. */
const SYNTAX: readonly (readonly [path: string, pattern: RegExp])[] = [
  ["regular_expressions.lookbehind_assertion", /\(\?<[=!]/],
  ["regular_expressions.modifier", /\(\?[ims]+(?:-[ims]+)?:/],
  ["classes.static.initialization_blocks", /\bstatic\s*\{/],
  ["operators.private_in", /#\w+ in /],
];

function newerSyntaxIn(source: string): string[] {
  return SYNTAX.flatMap(([path, pattern]) => {
    const compat = compatOf(at("javascript", ...path.split(".")));
    return pattern.test(source) && !(compat && isOld(compat)) ? [path] : [];
  });
}

const functionsAndUnits = featuresOf(at("css", "types"), 3);
const pseudo = featuresOf(at("css", "selectors"), 1);
const media = featuresOf(at("css", "at-rules", "media"), 1);
const atRules = featuresOf(at("css", "at-rules"), 1);

/** The table has the units of the dynamic, small and large viewport under one name each. */
function tableNameOf(unit: string): string {
  const [, size] = /^([dsl])v/.exec(unit) ?? [];
  const name = { d: "dynamic", s: "small", l: "large" }[size ?? ""];
  return name ? `viewport_percentage_units_${name}` : unit;
}

function newerInSheet(css: string): string[] {
  const declarations = [...css.matchAll(/([a-z-]+):([^;{}]+)(?=[;}])/g)];
  const values = declarations.flatMap(([, name = "", value = ""]) =>
    newerAmong(value.match(/[a-z][a-z-]+/g) ?? [], featuresOf(at("css", "properties", name), 1)),
  );
  return [
    ...newerAmong(
      declarations.map(([, name = ""]) => name),
      properties,
    ),
    ...values,
    ...newerAmong(matches(css, /([a-z-]+)\(/g), functionsAndUnits),
    ...newerAmong(
      matches(css, /(?<![#\w])\d*\.?\d+([a-z]{2,})\b/g).map(tableNameOf),
      functionsAndUnits,
    ),
    ...newerAmong(matches(css, /:([a-z-]+)\b(?=[^;{}]*\{)/g), pseudo),
    ...newerAmong(matches(css, /\(([a-z-]+)[:)]/g), media),
    ...newerAmong(matches(css, /@([a-z-]+)/g), atRules),
    // A rule within a rule that has declarations of its own.
    ...(/[;{][^{}@]*;[^{}@;]*\{/.test(css) ? ["nesting"] : []),
  ];
}

describe("what the widget uses is in the oldest browsers that it works in:", () => {
  test.each(SCRIPTS)("functions and properties of the %s", (_name, source) => {
    expect(newerInScript(source)).toEqual([]);
  });

  test.each(SCRIPTS)("syntax of the %s", (_name, source) => {
    expect(newerSyntaxIn(source)).toEqual([]);
  });

  test.each(SHEETS)("style sheet of the %s", (_name, css) => {
    expect(newerInSheet(css)).toEqual([]);
  });
});

describe("the test finds", () => {
  test.each([
    ["Promise.withResolvers()", "withResolvers"],
    ["URL.canParse(a)", "canParse"],
    ["x.toWellFormed()", "toWellFormed"],
    ["Object.groupBy(a,b)", "groupBy"],
    ['a.ariaLabel="x"', "ariaLabel"],
    ["new CloseWatcher", "CloseWatcher"],
  ])("the newer function in %s", (source, name) => {
    expect(newerInScript(source)).toEqual([name]);
  });

  test.each(["/(?<!a)b/", "/(?<=a)b/", "class A{static{f()}}", "/(?i:a)/"])(
    "the newer syntax in %s",
    (source) => {
      expect(newerSyntaxIn(source)).toHaveLength(1);
    },
  );

  test.each([
    ["a{color:light-dark(#fff, #000)}", "light-dark"],
    ["a{height:3lh}", "lh"],
    ["a{height:100dvh}", "viewport_percentage_units_dynamic"],
    ["a{text-wrap:balance}", "text-wrap"],
    ["a:popover-open{color:red}", "popover-open"],
    ["@media (scripting:none){a{color:red}}", "scripting"],
    ["@starting-style{a{opacity:0}}", "starting-style"],
    ["a{color:red;b{color:red}}", "nesting"],
  ])("the newer part of the style sheet %s", (css, name) => {
    expect(newerInSheet(css)).toContain(name);
  });
});
