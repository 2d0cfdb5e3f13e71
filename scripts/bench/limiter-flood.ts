import { createFixedWindowLimiter } from "../../src/http/fixed-window-limiter.ts";
import type { RateLimitBudget, RateLimiter } from "../../src/http/rate-limiter.ts";
import type { Networks } from "../../src/net/client-networks.ts";

/**
 * Floods the rate limiter with addresses. It runs in its own process, so that only the limiter's memory is
 * measured. Prints a FloodResult as JSON.
 */
export interface FloodResult {
  /** Microseconds per decision: for new addresses, and for addresses that were counted before. */
  readonly newUs: number;
  readonly knownUs: number;
  /** Microseconds per decision for an IPv6 address, which is counted under three networks. */
  readonly ipv6Us: number;
  readonly grownBytes: number;
}

const ADDRESSES = 1_000_000;
/** How many addresses exist as text at a time. Making them is not timed. */
const BATCH = 10_000;
const BUDGET: RateLimitBudget = { name: "chat", maxRequests: 3, windowMs: 60_000 };
const VICTIM: Networks = [{ name: "192.0.2.1", share: 1 }];
/** A full set drops its least active address, so not quite all addresses are still known. */
const MIN_KNOWN = 0.95 * ADDRESSES;

/** The clock stands still, so that no window ends while the table fills. */
const now = () => 1_800_000_000_000;

async function isAllowed(limiter: RateLimiter, client: Networks): Promise<boolean> {
  return (await limiter.consume(BUDGET, client)).isAllowed;
}

/** Asks once for every address. Returns the time per decision and how many addresses were already known. */
async function flood(
  limiter: RateLimiter,
  networksOf: (number: number) => Networks,
): Promise<{ us: number; known: number }> {
  let spentMs = 0;
  let known = 0;
  for (let first = 0; first < ADDRESSES; first += BATCH) {
    const addresses = Array.from({ length: BATCH }, (_, index) => networksOf(first + index));
    const startedAt = performance.now();
    for (const address of addresses) {
      const { remaining } = await limiter.consume(BUDGET, address);
      if (remaining < BUDGET.maxRequests - 1) known++;
    }
    spentMs += performance.now() - startedAt;
  }
  return { us: (spentMs * 1000) / ADDRESSES, known };
}

/** An IPv4 address is counted whole. */
function ipv4(number: number): Networks {
  return [{ name: `10.${number >> 16}.${(number >> 8) & 0xff}.${number & 0xff}`, share: 1 }];
}

/** An IPv6 address is counted under its /64, its /56 and its /48. */
function ipv6(number: number): Networks {
  const [site, subnet] = [number >> 4, number & 0xf];
  return [
    { name: `32.1.13.${site}.${subnet}/64`, share: 1 },
    { name: `32.1.13.${site}/56`, share: 4 },
    { name: `32.1.13.${site >> 4}/48`, share: 16 },
  ];
}

function memoryBytes(): number {
  Bun.gc(true);
  return process.memoryUsage().rss;
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`The limiter ${what}.`);
}

// A tiny table does the same work first, so that the runtime's own memory is not counted.
await flood(createFixedWindowLimiter({ now, seed: 1n, setCount: 1 }), ipv4);
const before = memoryBytes();
const limiter = createFixedWindowLimiter({ now, seed: 2n });
for (let asked = 0; asked < BUDGET.maxRequests; asked++) await isAllowed(limiter, VICTIM);
const fresh = await flood(limiter, ipv4);
const grownBytes = memoryBytes() - before;
check(fresh.known === 0, "took new addresses for known ones");
const again = await flood(limiter, ipv4);
check(again.known >= MIN_KNOWN, `knew only ${again.known} of ${ADDRESSES} addresses`);
check(!(await isAllowed(limiter, VICTIM)), "let in one that had reached its limit");
const sixth = await flood(createFixedWindowLimiter({ now, seed: 3n }), ipv6);
const result: FloodResult = {
  newUs: fresh.us,
  knownUs: again.us,
  ipv6Us: sixth.us,
  grownBytes,
};
console.log(JSON.stringify(result));
