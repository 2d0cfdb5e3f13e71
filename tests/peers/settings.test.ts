import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { NO_BUS } from "../../src/peers/bus.ts";
import { forEachDatabase } from "../support/peers/databases.ts";
import { FakeBusHub } from "../support/peers/fake-bus.ts";
import { startReplica, type TestReplica } from "../support/peers/replicas.ts";
import type { SharedDatabase } from "../support/peers/shared-store.ts";

const BY = { by: "the dashboard" };

let database: SharedDatabase;
let hub: FakeBusHub;
let replicas: TestReplica[];

async function start(hasBus: boolean): Promise<TestReplica> {
  const bus = hasBus ? hub.connect() : NO_BUS;
  const options = { bus, modelUrl: "http://127.0.0.1:9/v1", abandonedTurnGraceMs: 1000 };
  const replica = await startReplica({ database, ...options });
  replicas.push(replica);
  return replica;
}

/** Resolves with the next change at a replica. */
function nextChange({ settings }: TestReplica): Promise<void> {
  return new Promise((resolve) => settings.config.onChange(resolve));
}

forEachDatabase((open) => {
  beforeEach(async () => {
    database = await open();
    hub = new FakeBusHub();
    replicas = [];
  });
  afterEach(async () => {
    for (const replica of replicas) await replica.close();
    await database.store.close();
  });

  describe.each([
    ["by the bus", true],
    ["by a beat, where there is no bus", false],
  ])("a setting that the owner changes at one replica", (way, hasBus) => {
    test(`is in force at another one, which learns of it ${way}`, async () => {
      const [one, other] = [await start(hasBus), await start(hasBus)];
      const changed = nextChange(other);
      await one.settings.change({ SYSTEM_PROMPT: "Be kind." }, BY);
      await changed;
      expect(other.settings.config.assistant.systemPrompt).toBe("Be kind.");
      expect(other.settings.version).toBe(1);
    });
  });

  test("a version that one replica announces is heard as that of what it is of", async () => {
    const [one, other] = [await start(true), await start(true)];
    const heard = new Promise((resolve) => {
      // The beats bring the version of the database meanwhile, which is none.
      other.peers.onVersion("knowledge", (version) => void (version > 0 && resolve(version)));
    });
    one.peers.announceVersion("knowledge", 7);
    expect(await heard).toBe(7);
    expect(other.settings.version).toBe(0);
  });

  test("a widget key that is revoked at one replica is refused by another one", async () => {
    const [one, other] = [await start(true), await start(true)];
    const made = nextChange(other);
    const { id, key } = await one.settings.keys.make("Shop", "the dashboard");
    await made;
    const ask = async () => {
      const headers = { "x-api-key": key, "content-type": "application/json" };
      const init = { method: "POST", headers, body: "{}" };
      return (await other.fetch("/v1/sessions", init)).status;
    };
    expect(await ask()).toBe(200);
    const revoked = nextChange(other);
    await one.settings.keys.revoke(id, "the dashboard");
    await revoked;
    expect(await ask()).toBe(401);
  });
});
