import type { PrivatePlaces } from "../config/knowledge.ts";
import { connectionFault } from "../net/connection-fault.ts";
import { findHost, type LookUp } from "../net/find-host.ts";
import { type IpAddress, isInCidr } from "../net/ip-address.ts";
import { fetchAt, retryAfterMs, untilAborted } from "../net/outbound.ts";
import { SECOND_MS } from "../runtime/time.ts";
import { boundedBytes } from "./bounded-bytes.ts";
import { bareHost } from "./scope.ts";
import { readWebAddress } from "./web-address.ts";

/*
 * Requests to addresses that an owner or a page names. A host is looked up once, all its addresses are judged, and
 * the connection is made to one of them, so that a name whose address changes meanwhile leads nowhere else.
 */

export interface SafeFetchOptions {
  readonly lookUp: LookUp;
  /** Where the website may stand inside of a network. What else it leads to must be on the internet. */
  readonly allowed: PrivatePlaces;
  readonly userAgent: string;
  /** The website that the owner has named. Its port is used, besides 80 and 443. */
  readonly own: URL;
  /** Certificates to trust besides the machine's own. */
  readonly ca?: string | undefined;
  /** Milliseconds that a page may take, with its redirects and its body. Default: 20,000. */
  readonly timeoutMs?: number | undefined;
}

export interface FetchRequest {
  /** Of the last answer: the server may say that nothing has changed. */
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  /** Returns why a content type (in lower case, without parameters) is not read. Missing: all are read. */
  readonly refuseType?: (type: string) => string | undefined;
  /** Bytes, unpacked. Default: 5 MB. */
  readonly maxBytes?: number | undefined;
  readonly signal: AbortSignal;
}

export type Fetched = FetchedPage | FetchedNothing;

export interface FetchedPage {
  readonly kind: "page";
  /** The address that has answered, after redirects. */
  readonly url: URL;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** The header X-Robots-Tag. Empty when there is none. */
  readonly robotsTag: string;
}

export interface FetchedNothing {
  /**
   * `unchanged`: as at the last answer. `gone`: the page does not exist. `failed`: it may work another time.
   * `refused`: it is not read, and the reason does not go away by itself.
   */
  readonly kind: "unchanged" | "gone" | "failed" | "refused";
  readonly url: URL;
  /** A sentence for the owner. Empty for `unchanged`. */
  readonly reason: string;
  /** The status of an HTTP answer, if there was one. */
  readonly status: number | undefined;
  /** How long the server wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

export type SafeFetch = (url: URL, request: FetchRequest) => Promise<Fetched>;

const MAX_REDIRECTS = 5;
const TIMEOUT_MS = 20 * SECOND_MS;
const MAX_PAGE_BYTES = 5_000_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const USUAL_PORTS = ["", "80", "443"];

/** Creates a fetch that never rejects: whatever happens is a result. */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const { timeoutMs = TIMEOUT_MS } = options;
  return async (url, request) => {
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
    let at = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const step = await ask(at, { ...request, signal }, options);
      if (!(step instanceof URL)) return at === url ? step : redirected(step);
      at = step;
    }
    return nothing("failed", url, `It redirects more than ${MAX_REDIRECTS} times.`);
  };
}

/** @returns where it redirects to, or what it is */
async function ask(
  url: URL,
  request: FetchRequest,
  options: SafeFetchOptions,
): Promise<URL | Fetched> {
  const { own, lookUp } = options;
  if (![...USUAL_PORTS, own.port].includes(url.port)) {
    return nothing("refused", url, `Its port, ${url.port}, is not one of a website.`);
  }
  try {
    // A website on the internet must not make this server ask a machine inside.
    const allowed = bareHost(url) === bareHost(own) ? options.allowed : undefined;
    const isAllowed = (host: string, address: IpAddress) => isNamed(host, address, allowed);
    const finding = findHost(url.hostname, { lookUp, isAllowed });
    const found = await untilAborted(finding, request.signal);
    if (found.refusal !== undefined) {
      const advice = allowed === undefined ? ELSEWHERE : NOT_NAMED;
      return found.isUnknown
        ? nothing("failed", url, found.refusal)
        : nothing("refused", url, `${found.refusal} ${advice}`);
    }
    const init = requestInit(request, options);
    const response = await fetchAt(url, found.addresses, init, options.ca);
    return await judge(response, url, request);
  } catch (error) {
    return nothing("failed", url, connectionFault(error).reason);
  }
}

const NOT_NAMED = "KNOWLEDGE_ALLOW_PRIVATE can name it.";
const ELSEWHERE = "Such a place is read only if it is a source of its own.";

/** Whether the owner has named the place. */
function isNamed(host: string, address: IpAddress, allowed: PrivatePlaces | undefined): boolean {
  if (allowed === undefined) return false;
  return allowed.hosts.includes(host) || allowed.cidrs.some((cidr) => isInCidr(address, cidr));
}

function requestInit({ etag, lastModified, signal }: FetchRequest, options: SafeFetchOptions) {
  return {
    signal,
    headers: {
      "user-agent": options.userAgent,
      accept: "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9, */*;q=0.1",
      ...(etag === undefined ? {} : { "if-none-match": etag }),
      ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
    },
  };
}

async function judge(response: Response, url: URL, request: FetchRequest): Promise<URL | Fetched> {
  const { status, headers } = response;
  if (status !== 200) {
    await response.body?.cancel().catch(() => undefined);
    return judgeStatus(status, headers, url);
  }
  const contentType = headers.get("content-type") ?? "";
  const refusal = request.refuseType?.(mediaTypeOf(contentType));
  if (refusal !== undefined) {
    await response.body?.cancel().catch(() => undefined);
    return nothing("refused", url, refusal);
  }
  const { maxBytes = MAX_PAGE_BYTES } = request;
  const bytes = response.body ? await boundedBytes(response.body, maxBytes) : new Uint8Array();
  if (bytes === undefined) {
    return nothing("refused", url, `It is larger than ${maxBytes / 1e6} MB.`);
  }
  return {
    kind: "page",
    url,
    bytes,
    contentType,
    etag: boundedHeader(headers, "etag"),
    lastModified: boundedHeader(headers, "last-modified"),
    robotsTag: headers.get("x-robots-tag") ?? "",
  };
}

/** In lower case, without parameters. */
export function mediaTypeOf(contentType: string): string {
  return contentType.split(";")[0]?.trim().toLowerCase() ?? "";
}

function judgeStatus(status: number, headers: Headers, url: URL): URL | FetchedNothing {
  if (status === 304) return nothing("unchanged", url, "");
  const location = headers.get("location");
  if (REDIRECTS.has(status) && location !== null) {
    const target = readWebAddress(location, url);
    return (
      target.url ??
      nothing("refused", url, `It redirects to an address that is not read. ${target.refusal}`)
    );
  }
  if (status === 404 || status === 410) {
    return {
      ...nothing("gone", url, `The server says that it does not exist (${status}).`),
      status,
    };
  }
  const reason = STATUS_REASONS[status] ?? `The server answers with status ${status}.`;
  return { ...nothing("failed", url, reason), status, retryAfterMs: retryAfterMs(headers) };
}

const STATUS_REASONS: Readonly<Record<number, string>> = {
  401: "The server asks for a password (401).",
  403: "The server refuses it (403). Does it refuse bots?",
  429: "The server is asked too often (429). It will be tried again later.",
  503: "The server is not available (503). It will be tried again later.",
};

const MAX_VALIDATOR_LENGTH = 500;

/** A header that is sent back at the next reading. */
function boundedHeader(headers: Headers, name: string): string | undefined {
  const value = headers.get(name)?.trim();
  return value !== undefined && value !== "" && value.length <= MAX_VALIDATOR_LENGTH
    ? value
    : undefined;
}

/** The owner has typed another address than the one that is not read. */
function redirected(fetched: Fetched): Fetched {
  if (!("reason" in fetched) || fetched.reason === "") return fetched;
  return { ...fetched, reason: `It redirects to ${fetched.url.href}. ${fetched.reason}` };
}

function nothing(kind: FetchedNothing["kind"], url: URL, reason: string): FetchedNothing {
  return { kind, url, reason, status: undefined, retryAfterMs: undefined };
}
