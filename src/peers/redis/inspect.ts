import { RedisClient } from "bun";

import { dialFault } from "../../net/dial-fault.ts";
import { DeadlineError, withDeadline } from "../../runtime/deadline.ts";
import { randomText } from "../../runtime/random-text.ts";
import type { BusRefusal, BusState } from "../bus-state.ts";

/** Longer than any server takes that is of use to visitors. */
const DEADLINE_MS = 3000;
const DEFAULT_PORT = 6379;
const PROBE_SECONDS = 5;
const NAME_BYTES = 9;
/** All names of all groups of replicas begin with it, so their users may use it. */
const PREFIX = "chatporch:doctor:";

/**
 * Looks at a Redis or Valkey server with the commands that replicas use. Leaves a key that expires at once.
 * @throws an Error that says why the server cannot be used at all
 */
export async function inspectRedis(url: string): Promise<BusState> {
  const client = await open(url);
  try {
    const name = `${PREFIX}${randomText(NAME_BYTES)}`;
    const refusals: BusRefusal[] = [];
    const attempt = async (command: string, ...args: readonly string[]): Promise<void> => {
      const refused = await refusalOf(within(client.send(command, [...args])));
      if (refused !== undefined) refusals.push({ command, says: refused });
    };
    await attempt("SET", name, "1", "EX", `${PROBE_SECONDS}`);
    await attempt("EVAL", "return 1", "1", name);
    await attempt("PUBLISH", name, "");
    const heard = await listen(url, name, () => client.publish(name, "heard"));
    if (typeof heard === "string") refusals.push({ command: "SUBSCRIBE", says: heard });
    return { ...(await identify(client)), refusals, isHeard: heard === true };
  } finally {
    client.close();
  }
}

/** A client whose password was accepted. */
async function open(url: string): Promise<RedisClient> {
  const client = new RedisClient(url, { autoReconnect: false, connectionTimeout: DEADLINE_MS });
  try {
    // Unlike connect(), a first command rejects with the server's words, such as WRONGPASS.
    await within(client.ping());
    return client;
  } catch (error) {
    client.close();
    throw new Error(
      (await dialFault(url, { defaultPort: DEFAULT_PORT, timeoutMs: DEADLINE_MS })) ??
        wordsOf(error),
      { cause: error },
    );
  }
}

/** Whether a message arrives on a second connection, or what the server refuses it with. */
async function listen(
  url: string,
  channel: string,
  publish: () => Promise<unknown>,
): Promise<boolean | string> {
  const subscriber = await open(url);
  try {
    const { promise: arrival, resolve } = Promise.withResolvers<void>();
    const refused = await refusalOf(within(subscriber.subscribe(channel, () => resolve())));
    if (refused !== undefined) return refused;
    const isPublished = (await refusalOf(within(publish()))) === undefined;
    return isPublished && (await refusalOf(within(arrival))) === undefined;
  } finally {
    subscriber.close();
  }
}

async function identify(client: RedisClient): Promise<Omit<BusState, "refusals" | "isHeard">> {
  const [server, memory] = await Promise.all([
    readInfo(client, "server"),
    readInfo(client, "memory"),
  ]);
  const valkey = server.get("valkey_version");
  const limit = Number(memory.get("maxmemory") ?? 0);
  return {
    product: valkey === undefined ? "Redis" : "Valkey",
    version: valkey ?? server.get("redis_version"),
    memoryShare: limit > 0 ? Number(memory.get("used_memory") ?? 0) / limit : undefined,
  };
}

/** Empty when the user may not ask. */
async function readInfo(
  client: RedisClient,
  section: string,
): Promise<ReadonlyMap<string, string>> {
  const text: unknown = await within(client.send("INFO", [section])).catch(() => "");
  const lines = String(text).matchAll(/^(\w+):(.*?)\r?$/gm);
  return new Map(Array.from(lines, ([, name = "", value = ""]) => [name, value]));
}

/** The client has no deadline of its own: against silence, a command waits for ever. */
function within<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, DEADLINE_MS);
}

async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return wordsOf(error);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof DeadlineError) return "it does not answer in time";
  return error instanceof Error ? error.message : String(error);
}
