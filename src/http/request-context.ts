import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { type Area, areaOf } from "../net/areas.ts";
import { clientNetworks, type Networks } from "../net/client-networks.ts";
import { parseIpAddress } from "../net/ip-address.ts";

/** What the server knows about a request before it looks at what is asked. */
export interface RequestContext {
  /** Made here, never taken from the client; sent back as X-Request-Id. */
  readonly id: string;
  /** The path that is asked for, without the base path and the query. */
  readonly path: string;
  readonly area: Area;
  /** The other end of the connection; undefined when it has already gone. */
  readonly peer: string | undefined;
  /** The client's address as the log shows it. */
  readonly client: string;
  /** What the client is counted under. */
  readonly networks: Networks;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  /** The turn that was begun, joined or found; its lines in the log have the same id. */
  turnId: string | undefined;
}

/** The remote address of the connection; undefined when the client has already gone. */
export type PeerAddress = (request: Request) => string | undefined;

const contexts = new WeakMap<Request, RequestContext>();

/** The context of a request that passed the requestContext plugin. */
export function contextOf(request: Request): RequestContext {
  const context = contexts.get(request);
  if (!context) throw new Error("The request did not pass the requestContext plugin.");
  return context;
}

interface RequestContextDeps {
  readonly config: Pick<Config, "limits">;
  readonly peerAddress: PeerAddress;
}

/**
 * Gives every request its id and its client address, and refuses one whose address is not whole: with
 * an empty Host there would be two opinions about which path was asked for, and one such as `a:b` is
 * no URL to those who read it later. What balancers ask without a Host is whole by now: http/request-url.
 */
export function requestContext({ config, peerAddress }: RequestContextDeps) {
  return new Elysia({ name: "request-context" }).onRequest(({ request, set }) => {
    const forwardedFor = request.headers.get("x-forwarded-for");
    const peer = peerAddress(request);
    const address = parseIpAddress(peer ?? "") ?? UNKNOWN_PEER;
    const networks = clientNetworks(address, forwardedFor, config.limits.trustProxy);
    const path = pathOf(request.url);
    const context: RequestContext = {
      id: crypto.randomUUID(),
      path,
      area: areaOf(path),
      peer,
      client: networks[0].name,
      networks,
      startedAt: performance.now(),
      turnId: undefined,
    };
    contexts.set(request, context);
    set.headers["x-request-id"] = context.id;
    if (!isWhole(request.url)) {
      // Refused before anything counts it, it must not keep its connection either: see spare-connection.
      throw new AppError("invalid_request", { headers: { connection: "close" } });
    }
  });
}

/** The URL standard takes the path's beginning for the host where there is none. */
function isWhole(url: string): boolean {
  return /^https?:\/\/[^/]/.test(url) && URL.canParse(url);
}

/** Stands in for the peer of a connection that is closed already, whose answer nobody will read. */
const UNKNOWN_PEER = [0, 0, 0, 0];

/**
 * The path as Elysia's router finds it (with standardHostname off): what is limited and what is run
 * must be the same.
 */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
