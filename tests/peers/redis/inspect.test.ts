import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { hasRedis, type RedisServer, startRedis } from "../../../harness/redis.ts";
import { checkBus } from "../../../src/doctor/bus.ts";
import { inspectRedis } from "../../../src/peers/redis/inspect.ts";

/** What the doctor says of the server at an address. */
function findingsOf(url: string) {
  return checkBus("redis:6379", () => inspectRedis(url));
}

describe.skipIf(!hasRedis)("the doctor, of a Redis server,", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  const as = (user: string, password: string) => redis.url.replace("//", `//${user}:${password}@`);

  test("is content with one that hears and counts, and leaves nothing that stays", async () => {
    expect(await findingsOf(redis.url)).toEqual([
      {
        mark: "ok",
        subject: "Redis",
        says: expect.stringMatching(/^(?:version 7|Valkey 8)\S* at redis:6379 hears and counts$/),
      },
    ]);
    const keys = await redis.command("KEYS", "*");
    for (const key of keys as string[]) expect(await redis.command("TTL", key)).toBeLessThan(6);
  });

  test("names one that is full, and is content once it has room", async () => {
    await redis.command("CONFIG", "SET", "maxmemory", "1");
    const found = await findingsOf(redis.url);
    expect(found).toContainEqual(
      expect.objectContaining({ mark: "warning", says: "redis:6379 is full" }),
    );
    await redis.command("CONFIG", "SET", "maxmemory", "0");
    expect(await findingsOf(redis.url)).toHaveLength(1);
  });

  test("names a read-only replica", async () => {
    await redis.command("REPLICAOF", "127.0.0.1", "9");
    const [first] = await findingsOf(redis.url);
    expect(first).toMatchObject({
      mark: "wrong",
      says: expect.stringContaining("read-only replica"),
    });
    await redis.command("REPLICAOF", "NO", "ONE");
  });

  test("names a wrong password, and does not repeat it", async () => {
    const [finding] = await findingsOf(as("nobody", "wrong-secret"));
    expect(finding).toMatchObject({
      mark: "wrong",
      says: "redis:6379 refuses the user or the password",
    });
    expect(JSON.stringify(finding)).not.toContain("wrong-secret");
  });

  test("names the command that its user may not use", async () => {
    await redis.command(
      "ACL",
      "SETUSER",
      "u",
      "on",
      ">pw",
      "~chatporch:*",
      "&chatporch:*",
      "+@all",
      "-publish",
    );
    const found = await findingsOf(as("u", "pw"));
    expect(found).toContainEqual(
      expect.objectContaining({
        mark: "wrong",
        says: "redis:6379 does not let this user use PUBLISH",
      }),
    );
    await redis.command("ACL", "SETUSER", "u", "-@dangerous", "+info", "+publish");
    expect(await findingsOf(as("u", "pw"))).toHaveLength(1);
  });

  test("names one that is silent", async () => {
    redis.pause();
    const [finding] = await findingsOf(redis.url);
    redis.resume();
    expect(finding?.says).toBe("redis:6379 does not answer in time");
  });
});

test("the doctor names an address of REDIS_URL at which nothing listens", async () => {
  const [finding] = await findingsOf("redis://127.0.0.1:9");
  expect(finding?.says).toBe("redis:6379 cannot be used: nothing listens there");
});

test("the doctor names a server at REDIS_URL that is no Redis", async () => {
  const other = Bun.serve({ port: 0, fetch: () => new Response("web") });
  const [finding] = await findingsOf(`redis://127.0.0.1:${other.port}`);
  await other.stop(true);
  expect(finding).toMatchObject({
    mark: "wrong",
    says: "redis:6379 does not answer as Redis does",
  });
});

test("the doctor, of a Redis cluster, says that a single server is needed", async () => {
  const refusals = [{ command: "SET", says: "MOVED 12182 10.0.0.2:6379" }];
  const state = { version: "7.2.4", memoryShare: undefined, refusals, isHeard: true };
  const [finding] = await checkBus("redis:6379", async () => ({ product: "Redis", ...state }));
  expect(finding).toMatchObject({
    says: "redis:6379 belongs to a Redis cluster (SET: MOVED 12182 10.0.0.2:6379)",
    mend: "Give REDIS_URL a server that is no cluster.",
  });
});

test.each([
  ["self signed certificate", "NODE_EXTRA_CA_CERTS"],
  ["Hostname/IP does not match certificate's altnames", "as the certificate names it"],
])("the doctor says what to do about TLS (%s)", async (reason, mend) => {
  const [finding] = await checkBus("redis:6379", () => Promise.reject(new Error(reason)));
  expect(finding?.says).toBe(`redis:6379 shows a certificate that is not trusted: ${reason}`);
  expect(finding?.mend).toContain(mend);
});

test.each([
  ["Redis", "6.2.14"],
  ["Valkey", "7.2.4"],
] as const)("the doctor names %s %s as too old", async (product, version) => {
  const state = { product, version, memoryShare: undefined, refusals: [], isHeard: true };
  const [finding] = await checkBus("redis:6379", async () => state);
  expect(finding).toMatchObject({ mark: "wrong", says: `${product} ${version} is too old` });
});
