import type { TrustProxy } from "../net/client-ip.ts";
import { formatIpAddress, parseCidr } from "../net/ip-address.ts";
import { MINUTE_MS } from "../runtime/time.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** The limits for one address, and how a visitor's address is found behind proxies. */
export interface LimitSettings {
  readonly rateLimitWindowMs: number;
  readonly rateLimitMaxRequests: number;
  /** How many answers one address may read at once. */
  readonly maxStreamsPerAddress: number;
  /** How many logins one address may try in a window, including successful ones. */
  readonly maxLoginAttempts: number;
  /** Undefined: X-Forwarded-For is ignored. */
  readonly trustProxy: TrustProxy | undefined;
}

const DEFAULT_RATE_LIMIT_WINDOW_MS = MINUTE_MS;
const DEFAULT_RATE_LIMIT_MAX_REQUESTS = 60;
/** Enough for an office or a campus behind one address, and too few for one machine to harm the others. */
const DEFAULT_MAX_STREAMS_PER_ADDRESS = 100;
/** Enough for a person's typing errors. From one address, guessing eight letters takes 40,000 years. */
const MAX_LOGIN_ATTEMPTS = 10;

export const LIMITS: SettingGroup<LimitSettings> = {
  read: readLimitSettings,
  shown: {
    RATE_LIMIT_MAX_REQUESTS: ({ rateLimitMaxRequests }) => String(rateLimitMaxRequests),
    RATE_LIMIT_WINDOW_MS: ({ rateLimitWindowMs }) => String(rateLimitWindowMs),
    MAX_STREAMS_PER_ADDRESS: ({ maxStreamsPerAddress }) => String(maxStreamsPerAddress),
    TRUST_PROXY: ({ trustProxy }) => proxiesText(trustProxy),
  },
  editable: ["RATE_LIMIT_MAX_REQUESTS", "RATE_LIMIT_WINDOW_MS", "MAX_STREAMS_PER_ADDRESS"],
};

function readLimitSettings(reader: SettingReader): LimitSettings {
  return {
    rateLimitWindowMs: reader.duration("RATE_LIMIT_WINDOW_MS", DEFAULT_RATE_LIMIT_WINDOW_MS),
    rateLimitMaxRequests: reader.integer("RATE_LIMIT_MAX_REQUESTS", {
      fallback: DEFAULT_RATE_LIMIT_MAX_REQUESTS,
      min: 1,
      max: 1_000_000,
    }),
    maxStreamsPerAddress: reader.integer("MAX_STREAMS_PER_ADDRESS", {
      fallback: DEFAULT_MAX_STREAMS_PER_ADDRESS,
      min: 1,
      max: 1_000_000,
    }),
    maxLoginAttempts: MAX_LOGIN_ATTEMPTS,
    trustProxy: readTrustProxy(reader),
  };
}

function readTrustProxy(reader: SettingReader): TrustProxy | undefined {
  const entries = reader.list("TRUST_PROXY");
  const [first] = entries;
  if (first === undefined) return undefined;
  const problem = "is neither a number of proxies from 1 to 10 nor a list of addresses or CIDRs";
  if (entries.length === 1 && /^\d+$/.test(first)) {
    const count = Number(first);
    if (count === 0) return undefined;
    if (count <= 10) return { kind: "hops", count };
    reader.refuse("TRUST_PROXY", problem, "1");
    return undefined;
  }
  const cidrs = entries.map(parseCidr).filter((cidr) => cidr !== undefined);
  if (cidrs.length === entries.length) return { kind: "cidrs", cidrs };
  reader.refuse("TRUST_PROXY", problem, "10.0.0.0/8,fd00::/8");
  return undefined;
}

/** The value as it is written in TRUST_PROXY; "not set" when undefined. */
export function trustProxyText(trustProxy: TrustProxy | undefined): string {
  if (trustProxy === undefined) return "not set";
  if (trustProxy.kind === "hops") return String(trustProxy.count);
  return trustProxy.cidrs
    .map(({ address, prefixLength }) => `${formatIpAddress(address)}/${prefixLength}`)
    .join(",");
}

function proxiesText(trustProxy: TrustProxy | undefined): string {
  if (trustProxy === undefined) return "not set";
  if (trustProxy.kind === "hops") return `${trustProxy.count} in front`;
  return `${trustProxy.cidrs.length} ranges of addresses`;
}
