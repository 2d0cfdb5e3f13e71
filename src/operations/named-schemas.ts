type Json = Readonly<Record<string, unknown>>;

/**
 * Moves every schema that has a title out of a part of an OpenAPI document and puts a reference in its
 * place, so that clients generated from the document have named types.
 * @returns the part with references, and the schemas by their titles
 * @throws when two different schemas have the same title
 */
export function nameSchemas<T>(part: T): { part: T; schemas: Record<string, Json> } {
  const schemas: Record<string, Json> = {};

  function visit(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [name, visit(inner)] as const);
    const { title, ...schema } = Object.fromEntries(entries);
    // A property that is named `title` has a schema here, not a text.
    if (typeof title !== "string") return Object.fromEntries(entries);
    const named = simplify(schema);
    const other = schemas[title];
    if (other && !Bun.deepEquals(other, named)) throw new Error(`Two schemas are called ${title}.`);
    schemas[title] = named;
    return { $ref: `#/components/schemas/${title}` };
  }

  // The shape stays the same: references have replaced schemas.
  return { part: visit(part) as T, schemas };
}

/**
 * Elysia's schemas write every choice as `anyOf`; generators of clients understand more exact forms. A
 * choice of texts becomes an `enum`, and a choice with a discriminator becomes `oneOf`.
 */
function simplify(schema: Json): Json {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const texts: unknown[] = anyOf.map((choice) => Object(choice).const);
  if (texts.every((text) => typeof text === "string")) {
    return { type: "string", ...rest, enum: texts };
  }
  return rest.discriminator === undefined ? schema : { ...rest, oneOf: anyOf };
}
