type Json = Readonly<Record<string, unknown>>;

/**
 * Takes every schema that has a title out of a part of an OpenAPI document, and leaves a reference in its
 * place, so that clients made from the document have types with names.
 * @returns what is left of the part, and the schemas by their titles
 * @throws when two schemas that differ have the same title
 */
export function nameSchemas<T>(part: T): { part: T; schemas: Record<string, Json> } {
  const schemas: Record<string, Json> = {};

  function visit(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [name, visit(inner)] as const);
    const { title, ...schema } = Object.fromEntries(entries);
    // A property of this name is a schema, not a text.
    if (typeof title !== "string") return Object.fromEntries(entries);
    const named = simplify(schema);
    const other = schemas[title];
    if (other && !Bun.deepEquals(other, named)) throw new Error(`Two schemas are called ${title}.`);
    schemas[title] = named;
    return { $ref: `#/components/schemas/${title}` };
  }

  // The same shape: references stand where schemas stood.
  return { part: visit(part) as T, schemas };
}

/**
 * Says as clients' generators want it what Elysia's schemas say by `anyOf`: a choice of texts is an enum,
 * and a choice with a discriminator is one of its objects and no more.
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
