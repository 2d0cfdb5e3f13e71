/** A part of a JSON document. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The problems of a value, as pointers with reasons; empty when it fits the schema. It knows the keywords that
 * our document uses, and reports any other keyword. Properties that the schema does not name count as wrong,
 * unless the schema allows more: an answer contains only what is documented.
 */
export function problemsOf(value: unknown, schema: unknown, root: Json, path = ""): string[] {
  if (!isObject(schema)) return [`${path}: no schema`];
  const { $ref, oneOf, anyOf = oneOf, type, ...keywords } = schema;
  if (typeof $ref === "string") return problemsOf(value, resolvePointer(root, $ref), root, path);
  if (Array.isArray(anyOf)) {
    const options = anyOf.map((option) => problemsOf(value, option, root, path));
    return options.some((problems) => problems.length === 0) ? [] : options.flat();
  }
  if (!isOfType(value, type)) return [`${path}: is not of type ${String(type)}`];
  const unknown = Object.keys(keywords).filter(
    (keyword) => ![...KEYWORDS, ...NOTES].includes(keyword),
  );
  const problems = unknown.map((keyword) => `${path}: the keyword ${keyword} is not known here`);
  const { const: constant, enum: options, pattern, items, properties, required } = keywords;
  if (constant !== undefined && value !== constant) problems.push(`${path}: is another constant`);
  if (Array.isArray(options) && !options.includes(value)) problems.push(`${path}: is not listed`);
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(String(value))) {
    problems.push(`${path}: does not match`);
  }
  if (Array.isArray(value)) {
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = keywords;
    if (value.length < Number(minItems) || value.length > Number(maxItems)) {
      problems.push(`${path}: has another number of items`);
    }
    for (const [i, item] of value.entries()) {
      problems.push(...problemsOf(item, items, root, `${path}/${i}`));
    }
  }
  if (isObject(value)) {
    const known = isObject(properties) ? properties : {};
    for (const name of Array.isArray(required) ? required : []) {
      if (!(String(name) in value)) problems.push(`${path}/${name}: is missing`);
    }
    for (const [name, part] of Object.entries(value)) {
      if (keywords.additionalProperties === true && !(name in known)) continue;
      problems.push(...problemsOf(part, known[name], root, `${path}/${name}`));
    }
  }
  return problems;
}

/** Keywords that no value can violate: each alternative of a choice has a constant of its own. */
const NOTES = ["description", "examples", "format", "discriminator"];

const KEYWORDS = [
  "const",
  "enum",
  "pattern",
  "items",
  "minItems",
  "maxItems",
  "properties",
  "required",
  "additionalProperties",
];

/** Resolves a reference within the document; undefined when it points at nothing. */
export function resolvePointer(root: Json, ref: string): unknown {
  let value: unknown = root;
  for (const name of ref.split("/").slice(1)) value = isObject(value) ? value[name] : undefined;
  return ref.startsWith("#/") ? value : undefined;
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case undefined:
      return true;
    default:
      return typeof value === type;
  }
}
