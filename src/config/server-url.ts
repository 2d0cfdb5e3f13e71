/** What the address of a server must be like. */
export interface UrlRules {
  readonly schemes: readonly string[];
  /** Checks what is special to this kind of server. Returns a problem, or undefined. */
  readonly problemOf: (url: URL) => string | undefined;
}

const SPECIAL_CHARACTERS =
  "is not a valid address: in a user name or a password, write # as %23, % as %25, / as %2F, ? as %3F, @ as %40 and a space as %20";

const NOT_A_PLACE =
  "has a host or a port that is not valid: write host:port with a port up to 65535, an IPv6 address in brackets, and the folder of a unix socket as a host with %2F for each /";

/**
 * The reason why a text is not the address of a server. Undefined: it is one. The reason never contains the
 * text, which may hold a password.
 */
export function serverUrlProblem(text: string, rules: UrlRules): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !rules.schemes.includes(scheme)) {
    return `must begin with ${orList(rules.schemes.map((each) => `${each}://`))}`;
  }
  const place = text.slice(scheme.length + 3).replace(/^[^/?]*@/, "");
  const servers = place.replace(/[/?].*$/s, "");
  if (servers.includes(",")) {
    return "names several servers, but must name one: take the address that always leads to the primary, such as that of a proxy";
  }
  // A slash in a password ends the host there.
  const hasSlash = /^[^?]*@/.test(place);
  if (/[\s#]/.test(text) || hasSlash || !canDecode(text)) return SPECIAL_CHARACTERS;
  if (!URL.canParse(text)) return place.includes("@") ? SPECIAL_CHARACTERS : NOT_A_PLACE;
  const url = new URL(text);
  if (url.port === "0") return "names port 0: write the server's port";
  if (hostOf(url) === "") return "names no host";
  return rules.problemOf(url);
}

/** The host, the port and the path of a server's address: what may be shown of it. */
export function placeOf(text: string, defaultPort: number): string {
  const url = new URL(text);
  const host = decodeURIComponent(hostOf(url));
  const path = decodeURIComponent(url.pathname === "/" ? "" : url.pathname);
  if (host.startsWith("/")) return `${host}${path}`;
  return `${host}:${url.port === "" ? defaultPort : url.port}${path}`;
}

/** What must never be shown of a server's address: the password, as it is and as it is written there. */
export function secretsInUrl(text: string): string[] {
  const { password } = new URL(text);
  if (password === "") return [];
  return Array.from(new Set([password, decodeURIComponent(password)]));
}

/** The parameter `host` names the folder of a unix socket. */
function hostOf(url: URL): string {
  return url.hostname === "" ? (url.searchParams.get("host") ?? "") : url.hostname;
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function orList(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
