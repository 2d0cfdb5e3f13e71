/** What a group of replicas calls its channels and keys. */
export interface RedisNames {
  /** The channel of the replica with the address on the bus. */
  channelOf(address: string): string;
  /** The channel of all replicas. */
  readonly everybody: string;
  /** The key that shows that the replica could write a moment ago. */
  aliveKeyOf(address: string): string;
  /** The key of a counter. It hides what is counted, such as a visitor's address. */
  counterKeyOf(counted: string): string;
}

/** Base64url characters of 6 bits. With this many, no two counters of a busy site share a key. */
const COUNTER_KEY_LENGTH = 20;
const GROUP_LENGTH = 12;

/**
 * The names of the replicas whose database keeps the secret. Several groups can share a Redis server: their
 * names differ.
 */
export function createRedisNames(secret: string): RedisNames {
  const prefix = redisPrefix(secret);
  // Without a key, somebody who reads Redis could find an address by hashing all addresses.
  const counters = new Bun.CryptoHasher("sha256", secret);
  return {
    channelOf: (address) => `${prefix}r:${address}`,
    everybody: `${prefix}all`,
    aliveKeyOf: (address) => `${prefix}alive:${address}`,
    counterKeyOf(counted) {
      const hash = counters.copy().update(counted).digest("base64url");
      return `${prefix}n:${hash.slice(0, COUNTER_KEY_LENGTH)}`;
    },
  };
}

/** The beginning of all names of a group, for the rules of a Redis user. */
function redisPrefix(secret: string): string {
  const group = Bun.CryptoHasher.hash("sha256", `redis names of ${secret}`, "base64url");
  return `chatporch:${group.slice(0, GROUP_LENGTH)}:`;
}
