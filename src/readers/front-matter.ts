/** What a Markdown file says about itself before its text. */
export interface FrontMatter {
  readonly title: string;
  readonly lang: string | undefined;
  readonly isDraft: boolean;
  /** The text behind it. */
  readonly body: string;
}

const YAML = /^---[ \t]*\n([^]*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/;
const TOML = /^\+\+\+[ \t]*\n([^]*?)\n\+\+\+[ \t]*(?:\n|$)/;

/** Reads the front matter in YAML or TOML at the beginning of a text whose lines end with `\n`. */
export function readFrontMatter(text: string): FrontMatter {
  const found = YAML.exec(text) ?? TOML.exec(text);
  if (found === null) return { title: "", lang: undefined, isDraft: false, body: text };
  const [whole, fields = ""] = found;
  const lang = valueOf(fields, "lang(?:uage)?|locale");
  return {
    title: valueOf(fields, "title"),
    lang: /^[a-z]{2,3}(?:[-_][a-z0-9]{1,8})*$/i.test(lang) ? lang.replaceAll("_", "-") : undefined,
    isDraft: valueOf(fields, "draft") === "true" || valueOf(fields, "published") === "false",
    body: text.slice(whole.length),
  };
}

/** A longer value is none. */
const MAX_VALUE = 1000;

/** The value of a field on one line, without quotes. */
function valueOf(fields: string, name: string): string {
  const found = new RegExp(`^(?:${name})[ \\t]*[:=](.*)$`, "im").exec(fields)?.[1]?.trim() ?? "";
  const line = found.length > MAX_VALUE ? "" : found;
  const quoted = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(line);
  return quoted?.[2]?.replaceAll(/\\(["'\\])/g, "$1") ?? line.replace(/\s#.*$/, "").trim();
}
