import { findHost, type LookUp } from "../net/find-host.ts";
import type { IpAddress } from "../net/ip-address.ts";
import { untilAborted } from "../net/outbound.ts";
import { DeliveryError } from "./channel.ts";

/** What an owner can do where a receiver is refused because of where it is. */
export const PRIVATE_ADVICE =
  "NOTICES_PRIVATE_ADDRESSES=on allows it (in the dashboard: “Private addresses”).";

interface FindReceiverOptions {
  readonly lookUp: LookUp;
  /** Whether the receiver may be inside of a network. */
  readonly allowsPrivate: boolean;
}

/**
 * Finds the addresses of a receiver's host.
 * @throws DeliveryError where there are none or they are refused; the signal's reason
 */
export async function findReceiver(
  hostname: string,
  { lookUp, allowsPrivate }: FindReceiverOptions,
  signal: AbortSignal,
): Promise<readonly IpAddress[]> {
  const finding = findHost(hostname, { lookUp, isAllowed: () => allowsPrivate });
  const found = await untilAborted(finding, signal);
  if (found.refusal === undefined) return found.addresses;
  const reason = found.isUnknown ? found.refusal : `${found.refusal} ${PRIVATE_ADVICE}`;
  throw new DeliveryError(reason, { kind: "retry" });
}
