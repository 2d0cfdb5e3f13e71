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

/** How to connect to a host at one of its addresses. */
interface Connecting<T> {
  /** @param tried how many addresses are tried at most */
  readonly connect: (address: IpAddress, tried: number) => Promise<T>;
  /** Whether another address may take the connection after this error. */
  readonly isOfAddress: (error: unknown) => boolean;
}

/**
 * Connects to a host at its addresses, in their order, until one takes the connection.
 * @throws what the last `connect` has thrown
 */
export async function connectAt<T>(
  addresses: readonly IpAddress[],
  { connect, isOfAddress }: Connecting<T>,
): Promise<T> {
  const tries = addresses.slice(0, MAX_TRIES);
  for (const [index, address] of tries.entries()) {
    try {
      return await connect(address, tries.length);
    } catch (error) {
      if (index === tries.length - 1 || !isOfAddress(error)) throw error;
    }
  }
  throw new Error("A host without an address is refused before.");
}

/**
 * Asks a host at its addresses, as connectAt does.
 * @param ca certificates to trust besides the machine's own
 * @throws what fetch throws (connection-fault.ts)
 */
export function fetchAt(
  url: URL,
  addresses: readonly IpAddress[],
  request: OutboundRequest,
  ca?: string,
): Promise<Response> {
  return connectAt(addresses, {
    connect: (address) => fetch(addressOf(url, address), requestInit(url, request, ca)),
    isOfAddress: (error) => connectionFault(error).isOfAddress,
  });
}

function addressOf(url: URL, address: IpAddress): string {
  const direct = new URL(url);
  const ip = formatIpAddress(address);
  direct.hostname = address.length === 4 ? ip : `[${ip}]`;
  return direct.href;
}

function requestInit(url: URL, request: OutboundRequest, ca: string | undefined) {
  const serverName = nameOf(url);
  const init: BunFetchRequestInit = {
    ...request,
    redirect: "manual",
    // HTTP_PROXY would be asked for a number instead of a name, and 127.0.0.1 would be the proxy's own machine.
    ...({ proxy: false } as object),
    headers: { host: url.host, ...request.headers },
    // The certificate is checked against the name, although the connection is to an address.
    tls: {
      ...(serverName === undefined ? {} : { serverName }),
      ...(ca === undefined ? {} : { ca }),
    },
  };
  return init;
}

/** The name that a certificate must be for. Undefined: the address has a number in its place. */
export function nameOf({ hostname }: URL): string | undefined {
  return /^\[|^[\d.]+$/.test(hostname) ? undefined : hostname;
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
