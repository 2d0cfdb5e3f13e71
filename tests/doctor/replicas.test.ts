import { afterEach, describe, expect, test } from "bun:test";

import { PublicServer } from "../../src/doctor/public-server.ts";
import { checkHearing, judgeReplicas } from "../../src/doctor/replicas.ts";
import type { SeenReplica } from "../../src/store/database-server-state.ts";
import { knownReplicas } from "../support/known-replicas.ts";
import { ADMIN_KEY, createTestApp, type TestApp } from "../support/test-app.ts";

function seen(host: string, more: Partial<SeenReplica> = {}): SeenReplica {
  return {
    id: `${host}.1`,
    host,
    version: "1.0.0",
    startedAt: 0,
    beat: 3,
    isBeating: true,
    ...more,
  };
}

/** What the doctor says of replicas that the database knows. */
function findingsOf(replicas: readonly SeenReplica[], drainDelayMs = 2000) {
  const { server } = createdConfig();
  return judgeReplicas(replicas, { server: { ...server, drainDelayMs } });
}

function createdConfig() {
  const app = createTestApp();
  apps.push(app);
  return app.config;
}

const apps: TestApp[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe("the doctor, of the replicas in the database,", () => {
  test("names those that beat", () => {
    expect(findingsOf([seen("a"), seen("b")])).toEqual([
      { mark: "ok", subject: "replicas", says: "2 of 2 beat: a, b" },
    ]);
  });

  test("says that none is running, which is no fault", () => {
    expect(findingsOf([])).toMatchObject([
      { mark: "ok", says: "none is running on this database" },
    ]);
  });

  test("warns of one that gives no sign of life, and of different versions", () => {
    const found = findingsOf([seen("a"), seen("b", { isBeating: false, version: "1.1.0" })]);
    expect(found.map(({ mark, says }) => [mark, says])).toEqual([
      ["ok", "1 of 2 beat: a, b"],
      ["warning", "b (b.1) gives no sign of life"],
      ["warning", "they have different versions: a 1.0.0, b 1.1.0"],
    ]);
  });

  test("asks for a DRAIN_DELAY_MS where there are several, and not for one alone", () => {
    expect(findingsOf([seen("a"), seen("b")], 0)[1]?.says).toStartWith("DRAIN_DELAY_MS is 0");
    expect(findingsOf([seen("a")], 0)).toHaveLength(1);
  });
});

/** What the doctor says of a running server that knows these replicas. */
async function hearingOf(reached: Readonly<Record<string, boolean | undefined>>) {
  const app = createTestApp({ peers: knownReplicas(reached) });
  apps.push(app);
  const options = { adminKey: ADMIN_KEY, hasTrustedCertificate: true };
  return checkHearing(new PublicServer({ url: app.listen(), ...options }));
}

describe("the doctor, of replicas that are asked by the public address,", () => {
  test("is content when they hear the ones that answer, and says how many did", async () => {
    expect(await hearingOf({ a: true, b: true })).toEqual([
      {
        mark: "ok",
        subject: "replicas",
        says: "1 of 2 answered by this address, and all hear them",
      },
    ]);
  });

  test("names those that do not hear each other", async () => {
    expect(await hearingOf({ a: true, b: false })).toMatchObject([
      { mark: "wrong", says: "not all hear each other: b (b.1) does not hear a (a.1)" },
    ]);
    expect(await hearingOf({ a: false, b: false })).toMatchObject([
      { mark: "wrong", says: "not all hear each other: a (a.1) does not reach Redis" },
    ]);
  });

  test("says that they meet in the database only where there is no Redis", async () => {
    const [finding] = await hearingOf({ a: undefined, b: undefined });
    expect(finding).toMatchObject({
      mark: "ok",
      says: expect.stringContaining("without REDIS_URL"),
    });
  });

  test("says nothing while one is alone", async () => {
    expect(await hearingOf({ a: true })).toEqual([]);
    expect(await hearingOf({})).toEqual([]);
  });
});
