/**
 * HTML that may stand in a page as it is. Only the `html` template makes one, so whatever came from
 * outside has passed `escape` on its way: a page cannot forget it.
 */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** The tagged template: values are escaped unless they are Html; lists are joined. */
  static template(this: void, literals: TemplateStringsArray, ...values: Content[]): Html {
    let text = literals[0] ?? "";
    for (const [index, value] of values.entries()) {
      // Escaping protects text and quoted values only: `<p class=${x}>` would let attributes in.
      if (/=\s*$/.test(literals[index] ?? "")) throw new Error("Attribute values must be quoted.");
      text += render(value) + (literals[index + 1] ?? "");
    }
    return new Html(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template takes. Nothing is rendered for what is absent. */
export type Content = Html | string | number | undefined | false | readonly Content[];

export const html = Html.template;

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

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
