import type { SeenRequest } from "../admin/schema.ts";
import { type TrustProxy, trustProxyText } from "../config/limits.ts";
import { forwardedAddress } from "../http/client-ip.ts";
import { type Cidr, isInCidr, isPrivate } from "../http/ip-address.ts";
import { adviceFor, type ProxyKind } from "./proxy-kinds.ts";
import type { Finding } from "./report.ts";

/**
 * An address for documentation (RFC 5737) that the doctor's request claims to come from. What proxies
 * add stands to the right of it; a server that counts by it believes anybody.
 */
export const FORGED_ADDRESS = "203.0.113.113";

/**
 * What the doctor's request says of its connection, where that is plain http. The header is for the next hop
 * only (RFC 9110, section 7.6.1): it arrives as it is where there is no proxy.
 */
export const SENT_CONNECTION = "keep-alive, chatporch-doctor";

const SUBJECT = "proxy";
const UNFORGEABLE = "Let nobody reach the server's port past the proxy.";

/** How the doctor's request arrived, and what is set. */
export interface TrustProxyFacts {
  readonly seen: Pick<
    SeenRequest,
    "scheme" | "host" | "connection" | "peer" | "forwardedFor" | "client" | "trustProxy"
  >;
  /** The settings that this command has; those of the running server are in `seen`. */
  readonly trustProxy: TrustProxy | undefined;
  /** The address that was asked: its scheme and host arrive as they are where nothing is in between. */
  readonly url: URL;
  /** The proxies that answers name. */
  readonly proxies: readonly ProxyKind[];
}

/**
 * Says whether each visitor has a rate limit of their own, and else what TRUST_PROXY has to be. Judged by how many
 * entries the proxies added, and by their addresses: on one machine all addresses may be the same, so that
 * the counted one proves nothing.
 */
export function checkTrustProxy(facts: TrustProxyFacts): Finding {
  const { seen, trustProxy } = facts;
  const added = seen.forwardedFor.slice(seen.forwardedFor.lastIndexOf(FORGED_ADDRESS) + 1);
  if (added.length === 0) return withoutEntry(facts);
  const inFront = describe(added.length, seen.forwardedFor.includes(FORGED_ADDRESS));
  const fault = findFault({ added, inFront, peer: seen.peer }, trustProxy);
  if (fault !== undefined) return fault;
  const running = seen.trustProxy ?? "not set";
  if (running !== trustProxyText(trustProxy)) {
    return wrong(
      `the running server has another TRUST_PROXY (${running}) than these settings`,
      "Restart the server with these settings.",
    );
  }
  const says = `${inFront}, trusted; this request counts as ${seen.client}`;
  return (
    whoseEntryIsMissing(facts, added) ??
    countedFromTheInternet(facts, added) ?? { mark: "ok", subject: SUBJECT, says }
  );
}

/** A proxy that writes the header anew hides those in front of it. */
function describe(count: number, isAppended: boolean): string {
  const proxies = count === 1 ? "one proxy in front" : `${count} proxies in front`;
  return isAppended
    ? proxies
    : `${proxies}, and the first of them writes X-Forwarded-For anew (one in front of that would not be seen)`;
}

interface Way {
  /** What the proxies added to X-Forwarded-For, the first one's entry first. */
  readonly added: readonly string[];
  readonly inFront: string;
  /** The last proxy. */
  readonly peer: string | null;
}

/** What is wrong with a TRUST_PROXY for requests that come this way. */
function findFault(way: Way, trustProxy: TrustProxy | undefined): Finding | undefined {
  const { added, inFront, peer } = way;
  const mend = `Set TRUST_PROXY=${added.length}. ${UNFORGEABLE}`;
  if (trustProxy === undefined) {
    return wrong(
      `${inFront}, and not trusted: all visitors count as ${peer} and share one rate limit`,
      mend,
    );
  }
  const odd = added.find((entry) => forwardedAddress(entry) === undefined);
  if (odd !== undefined) {
    return wrong(
      `${inFront}, and it writes ${odd} into X-Forwarded-For, which is no address`,
      "Have it write the address of whoever it speaks for.",
    );
  }
  return trustProxy.kind === "hops"
    ? faultOfCount(way, trustProxy.count, mend)
    : faultOfAddresses(way, trustProxy.cidrs, mend);
}

function faultOfCount({ added, inFront }: Way, set: number, mend: string): Finding | undefined {
  const count = added.length;
  if (set === count) return undefined;
  const counted =
    set > count
      ? "visitors share one rate limit, and whoever sends X-Forwarded-For chooses the address that counts"
      : `all visitors count as ${added[count - set]}, which is a proxy, and share one rate limit`;
  return wrong(`${inFront}, and TRUST_PROXY=${set}: ${counted}`, mend);
}

function faultOfAddresses(
  { added, inFront, peer }: Way,
  cidrs: readonly Cidr[],
  mend: string,
): Finding | undefined {
  const proxies = [...added.slice(1), peer ?? "unknown"];
  const missing = [...new Set(proxies.filter((entry) => !isAmong(cidrs, entry)))];
  const nearest = missing.at(-1);
  if (nearest !== undefined) {
    return wrong(
      `${inFront}, and TRUST_PROXY does not hold ${missing.join(", ")}: all visitors count as ${nearest} and share one rate limit`,
      `${mend}\nOr add ${missing.join(", ")} to the addresses in TRUST_PROXY.`,
    );
  }
  const [visitor = ""] = added;
  if (!isAmong(cidrs, visitor)) return undefined;
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `this command's own address, ${visitor}, is among those of TRUST_PROXY: whoever has one of them may claim any other`,
    mend: "Name only the proxies in TRUST_PROXY, or run this command on a machine outside of it.",
  };
}

function isAmong(cidrs: readonly Cidr[], entry: string | null): boolean {
  const address = forwardedAddress(entry ?? "");
  return address !== undefined && cidrs.some((cidr) => isInCidr(address, cidr));
}

/** Several proxies are named and fewer have left an entry: one of them may have left out the visitor. */
function whoseEntryIsMissing(
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

/** What a number of proxies makes believable, whoever connects, has to have a bound (see client-networks). */
function countedFromTheInternet(
  { seen: { peer }, trustProxy }: TrustProxyFacts,
  added: readonly string[],
): Finding | undefined {
  const address = forwardedAddress(peer ?? "");
  if (trustProxy?.kind !== "hops" || address === undefined || isPrivate(address)) return undefined;
  const proxies = [...new Set([...added.slice(1), peer])].join(",");
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `the proxy connects from the internet (${peer}), and TRUST_PROXY is a number: all that it speaks for share a wider rate limit, since anybody may connect so`,
    mend: `Name the addresses of the proxies instead, as CIDRs: TRUST_PROXY=${proxies}`,
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
function withoutEntry(facts: TrustProxyFacts): Finding {
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
