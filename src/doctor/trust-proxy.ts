import type { SeenRequest } from "../admin/schema.ts";
import type { TrustProxy } from "../config/limits.ts";
import { isInCidr, limiterKey, parseIpAddress } from "../http/ip-address.ts";
import type { Finding } from "./report.ts";

/**
 * An address for documentation (RFC 5737) that the doctor's request claims to come from. What proxies
 * add stands to the right of it; a server that counts by it believes anybody.
 */
export const FORGED_ADDRESS = "203.0.113.113";

const SUBJECT = "proxy";
const HAVE_IT_ADDED =
  "Have the proxy add the visitor's address; nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
const UNFORGEABLE = "Let nobody reach the server's port past the proxy.";

interface TrustProxyFacts {
  readonly seen: Pick<SeenRequest, "scheme" | "host" | "peer" | "forwardedFor" | "client">;
  readonly trustProxy: TrustProxy | undefined;
  /** The address that was asked: its scheme and host arrive as they are where nothing is in between. */
  readonly url: URL;
}

/** Says from how a request with a forged X-Forwarded-For arrived what TRUST_PROXY has to be. */
export function checkTrustProxy({ seen, trustProxy, url }: TrustProxyFacts): Finding {
  const added = seen.forwardedFor.slice(seen.forwardedFor.lastIndexOf(FORGED_ADDRESS) + 1);
  const count = added.length;
  if (count === 0) return withoutEntry(seen, trustProxy, isProxied(seen, url));
  const proxies = count === 1 ? "one proxy" : `${count} proxies`;
  if (trustProxy === undefined) {
    return wrong(
      `${proxies} in front, and not trusted: all visitors count as ${seen.client} and share one rate limit`,
      `Set TRUST_PROXY=${count}. ${UNFORGEABLE}`,
    );
  }
  const visitor = parseIpAddress(added[0] ?? "");
  const counted = `this request counts as ${seen.client}`;
  if (visitor !== undefined && seen.client === limiterKey(visitor)) {
    return { mark: "ok", subject: SUBJECT, says: `${proxies} in front, trusted; ${counted}` };
  }
  if (trustProxy.kind === "hops" && trustProxy.count === count) {
    return wrong(
      `${proxies} in front, and the running server does not go by TRUST_PROXY=${count}: ${counted}`,
      "Restart the server with these settings.",
    );
  }
  if (trustProxy.kind === "hops") {
    return wrong(
      `${proxies} in front, and TRUST_PROXY=${trustProxy.count}: ${counted}, which is not the visitor's address`,
      `Set TRUST_PROXY=${count}. ${UNFORGEABLE}`,
    );
  }
  if (visitor !== undefined && trustProxy.cidrs.some((cidr) => isInCidr(visitor, cidr))) {
    return {
      mark: "warning",
      subject: SUBJECT,
      says: `this machine's address is among those of TRUST_PROXY, so it may claim any; ${counted}`,
      mend: "Name only the proxies in TRUST_PROXY, or run this command on a machine outside of it.",
    };
  }
  return wrong(
    `${proxies} in front, and not all of their addresses are in TRUST_PROXY: ${counted}`,
    `Add ${[...added.slice(1), seen.peer ?? ""].filter(Boolean).join(", ")} to TRUST_PROXY, or set TRUST_PROXY=${count}.`,
  );
}

/** The server itself speaks plain HTTP and gets every header as it was sent. */
function isProxied({ scheme, host, forwardedFor }: TrustProxyFacts["seen"], url: URL): boolean {
  const isChanged = scheme !== url.protocol.slice(0, -1) || host !== url.host;
  return isChanged || !forwardedFor.includes(FORGED_ADDRESS);
}

/** Nothing was added to the header on the way. */
function withoutEntry(
  { client, peer }: TrustProxyFacts["seen"],
  trustProxy: TrustProxy | undefined,
  hasProxy: boolean,
): Finding {
  if (client === FORGED_ADDRESS) {
    return wrong(
      "TRUST_PROXY is set, and nothing on this way adds to X-Forwarded-For: anybody may claim any address",
      hasProxy
        ? HAVE_IT_ADDED
        : "Without a proxy, remove TRUST_PROXY. With one, let nobody reach the port past it, and give its address with --url.",
    );
  }
  if (hasProxy) {
    return wrong(
      `a proxy in front does not say whom it speaks for: all visitors count as ${client} and share one rate limit`,
      `${HAVE_IT_ADDED}\nThen set TRUST_PROXY=1 (or the number of proxies).`,
    );
  }
  if (trustProxy === undefined) {
    const says = `none seen; this request counts as ${client}`;
    return { mark: "ok", subject: SUBJECT, says };
  }
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `TRUST_PROXY is set, and this request came past the proxy, from ${peer ?? "nowhere"}`,
    mend: "Give the proxy's address with --url. If there is none, remove TRUST_PROXY.",
  };
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
