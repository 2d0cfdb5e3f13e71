import { type TrustProxy, trustProxyText } from "../config/limits.ts";
import { forwardedAddress } from "../net/client-ip.ts";
import { type Cidr, isPrivate } from "../net/ip-address.ts";
import { FORGED_ADDRESS, isAmong, type TrustProxyFacts } from "./forged-request.ts";
import { hiddenBehindCdn, whoseEntryIsMissing, withoutEntry } from "./hidden-proxies.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "proxy";
const UNFORGEABLE = "Let nobody reach the server's port past the proxy.";

/**
 * Says whether each visitor has a rate limit of their own, and else what TRUST_PROXY has to be. Judged by how many
 * entries the proxies added, and by their addresses: on one machine all addresses may be the same, so that
 * the counted one proves nothing.
 */
export function checkTrustProxy(facts: TrustProxyFacts): Finding {
  const verdict = judge(facts);
  const running = facts.seen.trustProxy ?? "not set";
  const set = trustProxyText(facts.trustProxy);
  if (running === set) return verdict;
  // The verdict is about the settings, which are not in force.
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

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
