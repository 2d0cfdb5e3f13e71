import {
  FORGED_ADDRESS,
  isAmong,
  SENT_CONNECTION,
  type TrustProxyFacts,
} from "./forged-request.ts";
import { adviceFor } from "./proxy-kinds.ts";
import type { Finding } from "./report.ts";

/** Proxies that leave no entry in X-Forwarded-For, or take those of others away. */

const SUBJECT = "proxy";

/** A CDN adds to what was sent: where that is gone, a proxy behind it has written the header anew. */
export function hiddenBehindCdn({ seen, proxies }: TrustProxyFacts): Finding | undefined {
  const cdn = proxies.find(({ isCdn }) => isCdn);
  if (cdn === undefined || seen.forwardedFor.includes(FORGED_ADDRESS)) return undefined;
  return wrong(
    `a proxy behind ${cdn.name} writes X-Forwarded-For anew: all visitors count as ${seen.client}, which is ${cdn.name}, and share one rate limit`,
    `Have it add to the header for requests from ${cdn.name} (Caddy: trusted_proxies; Traefik: forwardedHeaders.trustedIPs;\n` +
      "nginx: $proxy_add_x_forwarded_for), and run this command again.",
  );
}

/** Several proxies are named and fewer have left an entry: one of them may have left out the visitor. */
export function whoseEntryIsMissing(
  { seen, proxies }: TrustProxyFacts,
  added: readonly string[],
): Finding | undefined {
  if (proxies.length <= added.length) return undefined;
  const names = proxies.map(({ name }) => name).join(" and ");
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `answers name ${names}, and X-Forwarded-For has an entry of ${added.length} of them; this request counts as ${seen.client}`,
    mend: `If that is not the address of this machine, have each proxy add its entry, and set TRUST_PROXY=${proxies.length}.\n${adviceFor(proxies, "forwardedFor")}`,
  };
}

/** The server itself speaks plain HTTP and gets every header as it was sent. */
function isProxied({ seen, url, proxies }: TrustProxyFacts): boolean {
  return (
    proxies.length > 0 ||
    seen.scheme !== url.protocol.slice(0, -1) ||
    seen.host !== url.host ||
    seen.connection !== SENT_CONNECTION ||
    !seen.forwardedFor.includes(FORGED_ADDRESS)
  );
}

/** Nothing was added to the header on the way. */
export function withoutEntry(facts: TrustProxyFacts): Finding {
  const { seen, trustProxy, proxies } = facts;
  const arrivesAsSent = seen.forwardedFor.includes(FORGED_ADDRESS);
  // By number, the peer is trusted whoever it is.
  const isBelieved =
    arrivesAsSent &&
    trustProxy !== undefined &&
    (trustProxy.kind === "hops" || isAmong(trustProxy.cidrs, seen.peer));
  if (isProxied(facts)) {
    const counted = isBelieved
      ? "whoever sends X-Forwarded-For chooses the address that counts"
      : `all visitors count as ${seen.peer} and share one rate limit`;
    return wrong(
      `a proxy in front does not say whom it speaks for: ${counted}`,
      `Have the proxy add the visitor's address; ${adviceFor(proxies, "forwardedFor")}\n` +
        "Then set TRUST_PROXY=1 (or the number of proxies).",
    );
  }
  if (trustProxy === undefined) {
    const says = `none seen; this request counts as ${seen.client}`;
    return { mark: "ok", subject: SUBJECT, says };
  }
  if (isBelieved) {
    return wrong(
      "TRUST_PROXY is set, and nothing on this way adds to X-Forwarded-For: anybody may claim any address",
      "Without a proxy, remove TRUST_PROXY. With one, let nobody reach the port past it, and give its address with --url.",
    );
  }
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `TRUST_PROXY is set, and this request came past the proxy, from ${seen.peer ?? "nowhere"}`,
    mend: "Give the proxy's address with --url. If there is none, remove TRUST_PROXY.",
  };
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
