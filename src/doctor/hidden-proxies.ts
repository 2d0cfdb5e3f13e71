import {
  FORGED_ADDRESS,
  isAmong,
  SENT_CONNECTION,
  type TrustProxyFacts,
} from "./forged-request.ts";
import { adviceFor } from "./proxy-kinds.ts";
import type { Finding } from "./report.ts";

/** Finds proxies that add no entry to X-Forwarded-For, or remove the entries of others. */

const SUBJECT = "proxy";

/** A CDN adds to the header that was sent. If the sent entry is gone, a proxy behind the CDN has replaced it. */
export function hiddenBehindCdn({ seen, proxies }: TrustProxyFacts): Finding | undefined {
  const cdn = proxies.find(({ isCdn }) => isCdn);
  if (cdn === undefined || seen.forwardedFor.includes(FORGED_ADDRESS)) return undefined;
  return wrong(
    `a proxy behind ${cdn.name} replaces X-Forwarded-For: all visitors count as ${seen.client}, which is ${cdn.name}, and share one rate limit`,
    `Have it add to the header for requests from ${cdn.name} (Caddy: trusted_proxies; Traefik: forwardedHeaders.trustedIPs;\n` +
      "nginx: $proxy_add_x_forwarded_for), and run this command again.",
  );
}

/** If answers name more proxies than there are entries, one of the proxies may have left out the visitor. */
export function whoseEntryIsMissing(
  { seen, proxies }: TrustProxyFacts,
  added: readonly string[],
): Finding | undefined {
  if (proxies.length <= added.length) return undefined;
  const names = proxies.map(({ name }) => name).join(" and ");
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `answers name ${names}, but X-Forwarded-For has entries of only ${added.length} of them; this request counts as ${seen.client}`,
    mend: `If that is not the address of this machine, have each proxy add its entry, and set TRUST_PROXY=${proxies.length}.\n${adviceFor(proxies, "forwardedFor")}`,
  };
}

/** Whether a proxy is in between. Without one, the request arrives as plain HTTP with unchanged headers. */
function isProxied({ seen, url, proxies }: TrustProxyFacts): boolean {
  return (
    proxies.length > 0 ||
    seen.scheme !== url.protocol.slice(0, -1) ||
    seen.host !== url.host ||
    seen.connection !== SENT_CONNECTION ||
    !seen.forwardedFor.includes(FORGED_ADDRESS)
  );
}

/** The finding when nothing was added to the header on the way. */
export function withoutEntry(facts: TrustProxyFacts): Finding {
  const { seen, trustProxy, proxies } = facts;
  const arrivesAsSent = seen.forwardedFor.includes(FORGED_ADDRESS);
  // If TRUST_PROXY is a number, any peer is trusted.
  const isBelieved =
    arrivesAsSent &&
    trustProxy !== undefined &&
    (trustProxy.kind === "hops" || isAmong(trustProxy.cidrs, seen.peer));
  if (isProxied(facts)) {
    const counted = isBelieved
      ? "anybody who sends X-Forwarded-For chooses the address that counts"
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
      "TRUST_PROXY is set, but nothing on this way adds to X-Forwarded-For: anybody can claim any address",
      "Without a proxy, remove TRUST_PROXY. With one, make sure that nobody can bypass it, and give its address with --url.",
    );
  }
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `TRUST_PROXY is set, but this request bypassed the proxy and came from ${seen.peer ?? "an unknown address"}`,
    mend: "Give the proxy's address with --url. If there is none, remove TRUST_PROXY.",
  };
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
