/**
 * HTML that is safe to insert into a page. Only the `html` template creates it, and the template escapes every
 * value from outside, so a page cannot forget to escape.
 */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** The tagged template. It escapes values that are not Html, and joins lists. */
  static template(this: void, literals: TemplateStringsArray, ...values: Content[]): Html {
    if (!known.has(literals)) check(literals);
    let text = literals[0] ?? "";
    for (const [index, value] of values.entries()) {
      text += render(value) + (literals[index + 1] ?? "");
    }
    return new Html(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** A value in a template. `undefined` and `false` render nothing. */
export type Content = Html | string | number | undefined | false | readonly Content[];

export const html = Html.template;

/** The templates that were checked. There is one array for each place in the code, however often that is run. */
const known = new WeakSet<TemplateStringsArray>();

/** Escaping protects only text and quoted values. In `<p class=${x}>`, x could add attributes. */
function check(literals: TemplateStringsArray): void {
  const isUnquoted = literals.slice(0, -1).some((literal) => /=\s*$/.test(literal));
  if (isUnquoted) throw new Error("Attribute values must be quoted.");
  known.add(literals);
}

function render(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Html) return content.toString();
  if (Array.isArray(content)) return content.map(render).join("");
  return escape(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const SPECIAL = /[&<>"']/;
const EACH_SPECIAL = new RegExp(SPECIAL, "g");

function escape(text: string): string {
  return SPECIAL.test(text) ? text.replaceAll(EACH_SPECIAL, (each) => ENTITIES[each] ?? "") : text;
}
