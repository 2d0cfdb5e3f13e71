import { trustProxyText } from "../config/limits.ts";
import type { TrustProxy } from "../net/client-ip.ts";
import { forwardedAddress } from "../net/client-ip.ts";
import { type Cidr, isPrivate } from "../net/ip-address.ts";
import { FORGED_ADDRESS, isAmong, type TrustProxyFacts } from "./forged-request.ts";
import { hiddenBehindCdn, whoseEntryIsMissing, withoutEntry } from "./hidden-proxies.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "proxy";
const UNFORGEABLE = "Make sure that nobody can reach the server's port without the proxy.";

/**
 * Checks whether each visitor has a rate limit of their own, and if not, says what TRUST_PROXY must be. It judges
 * by the number of entries that the proxies added and by their addresses. The address that counts proves nothing,
 * because on one machine all addresses may be the same.
 */
export function checkTrustProxy(facts: TrustProxyFacts): Finding {
  const verdict = judge(facts);
  const running = facts.seen.trustProxy ?? "not set";
  const set = trustProxyText(facts.trustProxy);
  if (running === set) return verdict;
  // The verdict is about these settings, which the running server does not have.
  return wrong(
    `the running server has another TRUST_PROXY (${running}) than these settings (${set})`,
    (verdict.mark === "wrong" ? verdict.mend : undefined) ??
      "Restart the server with these settings.",
  );
}

function judge(facts: TrustProxyFacts): Finding {
  const { seen, trustProxy } = facts;
  const added = seen.forwardedFor.slice(seen.forwardedFor.lastIndexOf(FORGED_ADDRESS) + 1);
  if (added.length === 0) return withoutEntry(facts);
  const inFront = describe(added.length, seen.forwardedFor.includes(FORGED_ADDRESS));
  const says = `${inFront}, trusted; this request counts as ${seen.client}`;
  return (
    findFault({ added, inFront, peer: seen.peer }, trustProxy) ??
    hiddenBehindCdn(facts) ??
    whoseEntryIsMissing(facts, added) ??
    countedFromTheInternet(facts, added) ?? { mark: "ok", subject: SUBJECT, says }
  );
}

/** A proxy that replaces the header hides the proxies in front of it. */
function describe(count: number, isAppended: boolean): string {
  const proxies = count === 1 ? "one proxy in front" : `${count} proxies in front`;
  return isAppended
    ? proxies
    : `${proxies}, and the first of them replaces X-Forwarded-For (one in front of that would not be seen)`;
}

interface Way {
  /** The entries that the proxies added to X-Forwarded-For. The first proxy's entry comes first. */
  readonly added: readonly string[];
  readonly inFront: string;
  /** The last proxy. */
  readonly peer: string | null;
}

/** The fault of a TRUST_PROXY for requests that come this way. */
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
      `${inFront}, and it writes ${odd} into X-Forwarded-For, which is not an address`,
      "Have it write the address of its client.",
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
      ? "visitors share one rate limit, and anybody who sends X-Forwarded-For chooses the address that counts"
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
      `${inFront}, but TRUST_PROXY does not contain ${missing.join(", ")}: all visitors count as ${nearest} and share one rate limit`,
      `${mend}\nOr add ${missing.join(", ")} to the addresses in TRUST_PROXY.`,
    );
  }
  const [visitor = ""] = added;
  if (!isAmong(cidrs, visitor)) return undefined;
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `this command's own address, ${visitor}, is among those of TRUST_PROXY: anybody with one of them can claim any other address`,
    mend: "Name only the proxies in TRUST_PROXY, or run this command on another machine.",
  };
}

/** If TRUST_PROXY is a number, any peer is believed, so such requests share a wider limit (see client-networks). */
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
    says: `the proxy connects from the internet (${peer}), and TRUST_PROXY is a number: all its clients share a wider rate limit, because anybody could connect like this`,
    mend: `Name the addresses of the proxies instead, as CIDRs: TRUST_PROXY=${proxies}`,
  };
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
