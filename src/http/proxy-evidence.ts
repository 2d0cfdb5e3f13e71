import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { isPrivate, parseIpAddress } from "../net/ip-address.ts";
import type { Logger } from "../runtime/logger.ts";
import { isCounted } from "./rate-limit.ts";
import { contextOf } from "./request-context.ts";

/** So long, and so many requests at least, are looked at before anything is said. */
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
 * Whether a proxy stands in front. Anybody can write X-Forwarded-For, and who believes it without a proxy has no limit
 * any more: so it counts only while everybody connects from this machine or a private network, as a
 * proxy does, and nearly all of them bring it.
 */
export class ProxyEvidence {
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

  /** As the last period showed it. */
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

/** Looks for a proxy that the settings do not name; where they name one, there is nothing to do. */
export function watchForProxy({ config, log, now }: WatchForProxyDeps) {
  const onFound = () =>
    log.warn(
      "nearly all requests come through a proxy, and X-Forwarded-For is ignored: set TRUST_PROXY, once nobody can reach the port past the proxy",
    );
  const evidence = new ProxyEvidence({ now, onFound });
  const plugin = new Elysia({ name: "proxy-evidence" });
  if (config.limits.trustProxy !== undefined) return { plugin, evidence };
  plugin.onRequest(({ request }) => {
    // Those who watch the server ask from beside it.
    if (!isCounted(request)) return;
    const { peer } = contextOf(request);
    evidence.note({ peer, isForwarded: request.headers.has("x-forwarded-for") });
  });
  return { plugin, evidence };
}
