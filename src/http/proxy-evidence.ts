import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { isPrivate, parseIpAddress } from "../net/ip-address.ts";
import type { Logger } from "../runtime/logger.ts";
import { isCounted } from "./rate-limit.ts";
import { contextOf } from "./request-context.ts";

/** A period needs this length and at least so many requests before it counts as evidence. */
const PERIOD_MS = 5 * 60 * 1000;
const MIN_REQUESTS = 20;
/** The share of the requests that must have come through a proxy. */
const MIN_SHARE = 0.9;

interface ProxyEvidenceOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFound: () => void;
}

/**
 * Finds out whether a proxy is in front of the server. Anybody can send X-Forwarded-For, and a server that
 * believes it without a proxy has no rate limit any more. So it is evidence only while all connections come from
 * this machine or a private network, as a proxy's do, and nearly all requests have the header.
 */
class ProxyEvidence {
  readonly #options: ProxyEvidenceOptions;
  #startedAt: number;
  #requests = 0;
  #forwarded = 0;
  #hasPublicPeer = false;
  #isFound = false;

  constructor(options: ProxyEvidenceOptions) {
    this.#options = options;
    this.#startedAt = options.now();
  }

  /** The result of the last period. */
  get isFound(): boolean {
    return this.#isFound;
  }

  note({ peer, isForwarded }: { peer: string | undefined; isForwarded: boolean }): void {
    const address = parseIpAddress(peer ?? "");
    if (address === undefined) return;
    this.#requests++;
    if (isForwarded) this.#forwarded++;
    if (!isPrivate(address)) this.#hasPublicPeer = true;
    const agoMs = Math.abs(this.#options.now() - this.#startedAt);
    if (this.#requests >= MIN_REQUESTS && agoMs >= PERIOD_MS) this.#judge();
  }

  #judge(): void {
    const wasFound = this.#isFound;
    this.#isFound = !this.#hasPublicPeer && this.#forwarded >= MIN_SHARE * this.#requests;
    if (this.#isFound && !wasFound) this.#options.onFound();
    this.#startedAt = this.#options.now();
    this.#requests = 0;
    this.#forwarded = 0;
    this.#hasPublicPeer = false;
  }
}

interface WatchForProxyDeps {
  readonly config: Pick<Config, "limits">;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Looks for a proxy that the settings do not name. If they name one, this does nothing. */
export function watchForProxy({ config, log, now }: WatchForProxyDeps) {
  const onFound = () =>
    log.warn(
      "nearly all requests come through a proxy, and X-Forwarded-For is ignored: make sure that the port is reachable only through the proxy, then set TRUST_PROXY",
    );
  const evidence = new ProxyEvidence({ now, onFound });
  const plugin = new Elysia({ name: "proxy-evidence" });
  if (config.limits.trustProxy !== undefined) return { plugin, evidence };
  plugin.onRequest(({ request }) => {
    // Monitors on this machine or network send uncounted requests without a proxy.
    if (!isCounted(request)) return;
    const { peer } = contextOf(request);
    evidence.note({ peer, isForwarded: request.headers.has("x-forwarded-for") });
  });
  return { plugin, evidence };
}
