import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { type Area, areaOf } from "../net/areas.ts";
import { clientNetworks, type Networks } from "../net/client-networks.ts";
import { parseIpAddress } from "../net/ip-address.ts";

/** The facts about a request that are known before it is routed. */
interface RequestContext {
  /** Made by the server, never taken from the client. Returned as X-Request-Id. */
  readonly id: string;
  /** The requested path without the base path and the query. */
  readonly path: string;
  readonly area: Area;
  /** The address of the connection. Undefined when the client has already left. */
  readonly peer: string | undefined;
  /** The client's address, as it is shown in the log. */
  readonly client: string;
  /** The networks that the client is counted under. */
  readonly networks: Networks;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  /** The id of the turn that was begun, joined or found. Its log lines have the same id. */
  turnId: string | undefined;
  /** How much of its rate limit the client has used, from 0 to 1. 0 where no limit counts the request. */
  usedLimitShare: number;
  /** Whether the key is a program's (PROGRAM_API_KEY). Known after the check of the key. */
  isProgram: boolean;
  /** The message as the visitor has written it, where the model gets that and the database does not. */
  original: string | undefined;
}

/** Returns the remote address of the connection, or undefined when the client has already left. */
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
 * Gives every request its id and its client address, and refuses requests whose URL is not complete. With an
 * empty Host, parts of the server would disagree about the path, and later code could not parse a URL such as
 * `a:b`. http/request-url has already completed the URLs of load balancers that send no Host.
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
      usedLimitShare: 0,
      isProgram: false,
      original: undefined,
    };
    contexts.set(request, context);
    set.headers["x-request-id"] = context.id;
    if (!isWhole(request.url)) {
      // No limit has counted this request yet, so its connection must not stay open: see spare-connection.
      throw new AppError("invalid_request", { headers: { connection: "close" } });
    }
  });
}

/** Whether the URL has a host. Without one, the URL standard would read the beginning of the path as the host. */
function isWhole(url: string): boolean {
  return /^https?:\/\/[^/]/.test(url) && URL.canParse(url);
}

/** The address of a closed connection. Nobody will read the answer. */
const UNKNOWN_PEER = [0, 0, 0, 0];

/**
 * The path as Elysia's router reads it (with standardHostname off). The path that is limited and the one that is
 * routed must be the same.
 */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  return query === -1 ? url.slice(start) : url.slice(start, query);
}
