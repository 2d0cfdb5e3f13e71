import type { MarkdownElement, MarkdownNode } from "./tree.ts";

/** Cuts code into text and tokens. @param language as the author names it */
export type Highlight = (code: string, language: string) => readonly MarkdownNode[];

/** What is coloured in code, in the order of the pattern's groups. */
const KINDS = ["comment", "string", "number", "keyword"] as const;

const NO_CODE = /^(te?xt|plain.*|markdown|md|diff|)$/;
/** Comments of these begin with `#`, and of those with `--`. All others have those of C. */
const HASH = /^(py|r$|rb|ruby|sh|bash|zsh|ya?ml|toml|docker|make)/;
const DASHES = /sql$|^lua/;
/** Words are text there. */
const MARKUP = /html|xml|svg/;
/** Of many languages together. A word that is none in the language at hand is seldom written there. */
const WORD =
  /and|as|async|await|break|by|case|catch|class|const|continue|def|do|elif|else|end|export|false|finally|fn|for|from|func|function|group|if|import|in|insert|interface|into|is|join|let|new|nil|none|not|null|on|or|order|pass|private|public|return|select|self|set|static|struct|switch|then|this|throw|true|try|type|var|void|where|while|with/;
const STRING = /"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`?/;

/**
 * Finds comments, strings, numbers and keywords in code, by one pattern: it knows no language well. The time is linear in
 * the length.
 * @param language as the author names it; for none, and for plain text, nothing is found
 */
export function highlight(code: string, language: string): MarkdownNode[] {
  const name = language.toLowerCase();
  const nodes: MarkdownNode[] = [];
  let end = 0;
  for (const found of NO_CODE.test(name) ? [] : code.matchAll(patternOf(name))) {
    const { 0: all, index } = found;
    const kind = KINDS.find((_, at) => found[at + 1]);
    // Any other word is read so that nothing is found within it.
    if (!kind) continue;
    const token: MarkdownElement = { tag: "token", kind, children: [all] };
    nodes.push(code.slice(end, index), token);
    end = index + all.length;
  }
  return [...nodes, code.slice(end)].filter(Boolean);
}

function patternOf(name: string): RegExp {
  const isDashed = DASHES.test(name);
  const comment = HASH.test(name) ? /#.*/ : isDashed ? /--.*/ : /\/\/.*|\/\*[^]*?(?:\*\/|$)/;
  const word = MARKUP.test(name) ? /^^/ : WORD;
  const groups = [comment, STRING, /\b\d[\w.]*/].map(({ source }) => `(${source})|`);
  const pattern = `${groups.join("")}\\b(${word.source})\\b|\\.?[\\w$]+`;
  return new RegExp(pattern, isDashed ? "gi" : "g");
}
