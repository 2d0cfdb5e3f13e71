import type { SettingReader } from "./setting-reader.ts";

/** Headers by lower-case name. Their values are secrets. */
export type ModelHeaders = Readonly<Record<string, string>>;

const EXAMPLE = "HTTP-Referer: https://www.example.com; X-Title: Example";
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const VALUE = /^[\x20-\x7e\t]+$/;
/** On one line, a semicolon ends a header if the name of the next header follows. */
const BORDER = /;\s*(?=[!#$%&'*+.^_`|~0-9a-z-]+\s*:)/i;
/** Headers of the connection or the body, which the HTTP client sets itself. */
const OURS =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-.*|accept|accept-encoding)$/;

/** OPENAI_HEADERS: `Name: value`, one per line, or on one line with semicolons between them. */
export function readModelHeaders(reader: SettingReader): ModelHeaders {
  const headers: Record<string, string> = {};
  const text = reader.textOrFile("OPENAI_HEADERS", "/run/secrets/openai_headers");
  if (text === undefined) return headers;
  const refuse = (problem: string) => reader.refuse("OPENAI_HEADERS", problem, EXAMPLE);
  for (const line of text.split(text.includes("\n") ? /\r?\n/ : BORDER)) {
    const entry = line.trim().replace(/;$/, "");
    if (entry === "") continue;
    const colon = entry.indexOf(":");
    const name = entry.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = entry.slice(colon + 1).trim();
    if (!NAME.test(name))
      refuse("has an entry that does not begin with a header's name and a colon");
    else if (!VALUE.test(value))
      refuse(`has a value of ${name} that is empty or cannot travel in a header`);
    else if (OURS.test(name)) refuse(`has ${name}, which belongs to the connection or the body`);
    else if (name in headers) refuse(`has ${name} twice`);
    else headers[name] = value;
  }
  return headers;
}

/** Headers that name the sender. They are not masked, or the log would lack the website's address. */
const PUBLIC = /^(?:http-referer|referer|origin|user-agent|x-title)$/;

/** The secrets in the headers: each value, and the part after the word `Bearer` or `Basic`. */
export function headerSecrets(headers: ModelHeaders): string[] {
  const own = Object.entries(headers).filter(([name]) => !PUBLIC.test(name));
  const words = own.flatMap(([, value]) => [value, ...value.split(/\s+/)]);
  return words.filter(isSecret);
}

/** Masking short words such as `true` everywhere would make a log unreadable. */
function isSecret(word: string): boolean {
  return word.length >= 8;
}

/** The Authorization header for the user and password of an address (RFC 7617). */
function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

export interface ModelAddress {
  /** The address without user, password, trailing slash or an endpoint such as `/chat/completions`. */
  readonly url: string | undefined;
  readonly headers: ModelHeaders;
  readonly secrets: readonly string[];
}

const ADDRESS_EXAMPLE = "http://127.0.0.1:11434/v1";

/** Endpoints that people copy from a documentation together with the address. */
const ENDPOINT = /(?:\/(?:chat\/)?completions|\/models|\/responses|\/embeddings)?\/*$/;

/** Reads the address of a model's server. A user and password in it become a header. */
export function readModelAddress(reader: SettingReader, name: string): ModelAddress {
  const given = reader.url(name, ADDRESS_EXAMPLE);
  if (given === undefined) return { url: undefined, headers: {}, secrets: [] };
  const url = new URL(given);
  const { username, password } = url;
  url.username = "";
  url.password = "";
  url.pathname = url.pathname.replace(ENDPOINT, "");
  // The pathname of a URL without a path is a slash.
  const bare = `${url.origin}${url.pathname === "/" ? "" : url.pathname}${url.search}`;
  // Some servers take their key in the query.
  const inQuery = [...url.searchParams.values()].filter(isSecret);
  if (username === "" && password === "") return { url: bare, headers: {}, secrets: inQuery };
  try {
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    const authorization = basicAuthorization(user, secret);
    return { url: bare, headers: { authorization }, secrets: [password, secret, ...inQuery] };
  } catch {
    // decodeURIComponent throws at a % that encodes nothing.
    reader.refuse(name, "has a user or a password with a bare %: write it as %25", ADDRESS_EXAMPLE);
    return { url: bare, headers: {}, secrets: [password, ...inQuery] };
  }
}
