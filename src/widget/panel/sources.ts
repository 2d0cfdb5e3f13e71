import { webAddress } from "../settings.ts";

/** A passage of the owner's pages that an answer may name by its number: [1]. */
export interface Source {
  readonly number: number;
  /** `Shipping › Outside the EU` */
  readonly name: string;
  /** Where visitors can read it: http or https. Undefined for notes and files. */
  readonly url: string | undefined;
}

/** By their numbers. */
export type Sources = ReadonlyMap<number, Source>;

/** More than a server gives. */
const MAX_SOURCES = 50;
/** A title is a line, whatever the page says that it is. */
const MAX_NAME_LENGTH = 500;

/** Takes the sources that have the right form and leaves out the rest. */
export function readSources(value: unknown): Sources {
  const sources = Array.isArray(value) ? value.slice(0, MAX_SOURCES).flatMap(toSource) : [];
  return new Map(sources.map((source) => [source.number, source]));
}

function toSource(value: unknown): Source | [] {
  const { number, title, heading, url } = Object(value) as Record<string, unknown>;
  if (typeof number !== "number" || !/^[1-9]\d?$/.test(`${number}`)) return [];
  const name = [title, heading].map(toLine).filter(Boolean).join(" › ");
  if (name === "") return [];
  return { number, name: name.slice(0, MAX_NAME_LENGTH), url: isWebPage(url) ? url : undefined };
}

function toLine(text: unknown): string {
  return typeof text === "string" ? text.trim() : "";
}

function isWebPage(url: unknown): url is string {
  return typeof url === "string" && webAddress(url) !== undefined;
}

/** Those that the text names. */
export function namedIn(text: string, sources: Sources): Sources {
  return new Map([...sources].filter(([number]) => text.includes(`[${number}]`)));
}

/** A text that was copied says where its numbers lead. */
export function withSources(text: string, sources: Sources): string {
  const lines = [...sources.values()].map(
    ({ number, name, url }) => `[${number}] ${name}${url ? ` ${url}` : ""}`,
  );
  return lines.length > 0 ? `${text}\n\n${lines.join("\n")}` : text;
}
