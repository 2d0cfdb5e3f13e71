import { SECOND_MS } from "../runtime/time.ts";
import { connectionFault } from "./connection-fault.ts";
import { formatIpAddress, type IpAddress } from "./ip-address.ts";

/*
 * Requests to addresses that an owner, a page or a visitor names. A host is looked up once (find-host.ts), all its
 * addresses are judged, and the connection is made to one of them, so that a name whose address changes meanwhile leads
 * nowhere else. Redirects are returned, not followed.
 */

interface OutboundRequest {
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Addresses of one host that are tried. */
const MAX_TRIES = 3;

/**
 * Asks a host at its addresses, in their order, until one takes the connection.
 * @param ca certificates to trust besides the machine's own
 * @throws what fetch throws (connection-fault.ts)
 */
export async function fetchAt(
  url: URL,
  addresses: readonly IpAddress[],
  request: OutboundRequest,
  ca?: string,
): Promise<Response> {
  const tries = addresses.slice(0, MAX_TRIES);
  for (const [index, address] of tries.entries()) {
    try {
      return await fetch(addressOf(url, address), requestInit(url, request, ca));
    } catch (error) {
      if (index === tries.length - 1 || !connectionFault(error).isOfAddress) throw error;
    }
  }
  throw new Error("A host without an address is refused before.");
}

function addressOf(url: URL, address: IpAddress): string {
  const direct = new URL(url);
  const ip = formatIpAddress(address);
  direct.hostname = address.length === 4 ? ip : `[${ip}]`;
  return direct.href;
}

function requestInit(url: URL, request: OutboundRequest, ca: string | undefined) {
  const isName = !/^\[|^[\d.]+$/.test(url.hostname);
  const init: BunFetchRequestInit = {
    ...request,
    redirect: "manual",
    // HTTP_PROXY would be asked for a number instead of a name, and 127.0.0.1 would be the proxy's own machine.
    ...({ proxy: false } as object),
    headers: { host: url.host, ...request.headers },
    // The certificate is checked against the name, although the connection is to an address.
    tls: { ...(isName ? { serverName: url.hostname } : {}), ...(ca === undefined ? {} : { ca }) },
  };
  return init;
}

/** How long a server wants to be left alone: milliseconds from now (RFC 9110, section 10.2.3). */
export function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Rejects with the signal's reason once it is aborted: a resolver may hang for longer than anybody waits. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    const settle = () => signal.removeEventListener("abort", abort);
    work.then(resolve, reject);
    work.then(settle, settle);
  });
}
