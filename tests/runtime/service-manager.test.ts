import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { listenForStates, type NotifyListener } from "../../harness/notify-listener.ts";
import { cleanUp, startChatporch, temporaryFolder } from "../../harness/process.ts";
import { ServiceManager } from "../../src/runtime/service-manager.ts";

const isLinux = process.platform === "linux";
/** More datagrams than a socket keeps for its reader. Linux keeps 11 by default. */
const MORE_THAN_FIT = 5000;

const listeners: NotifyListener[] = [];

function listenAt(address: string): NotifyListener {
  const listener = listenForStates(address);
  listeners.push(listener);
  return listener;
}

afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  await cleanUp();
});

describe.if(isLinux)("the service manager", () => {
  const addresses = [
    ["a path", () => join(temporaryFolder(), "notify")],
    ["an abstract name", () => `@chatporch-${crypto.randomUUID()}`],
  ] as const;

  test.each(addresses)("hears states at %s", (_kind, makeAddress) => {
    const address = makeAddress();
    const listener = listenAt(address);
    const manager = new ServiceManager({ address, watchdogMs: undefined });
    manager.ready();
    manager.beat();
    manager.stopping();
    expect(listener.heard()).toEqual(["READY=1", "STOPPING=1"]);
  });

  test("is told twice in each watchdog time that the event loop runs", () => {
    const address = addresses[1][1]();
    const listener = listenAt(address);
    let now = 0;
    const manager = new ServiceManager({ address, watchdogMs: 1000 }, () => now);
    for (; now <= 2000; now += 50) manager.beat();
    expect(listener.heard()).toEqual(Array.from({ length: 4 }, () => "WATCHDOG=1"));
  });

  test("that is too busy to listen does not make the server wait, and hears later that it is ready", () => {
    const address = addresses[1][1]();
    const listener = listenAt(address);
    const manager = new ServiceManager({ address, watchdogMs: undefined });
    for (let sent = 0; sent < MORE_THAN_FIT; sent++) manager.stopping();
    manager.ready();
    expect(listener.heard()).not.toContain("READY=1");
    manager.beat();
    expect(listener.heard().filter((state) => state === "READY=1")).toEqual(["READY=1"]);
  });

  test("that is gone does no harm", () => {
    const address = join(temporaryFolder(), "nobody");
    const manager = new ServiceManager({ address, watchdogMs: 1 });
    expect(() => {
      manager.ready();
      manager.beat();
    }).not.toThrow();
  });

  test("hears that a server answers, that its event loop runs, and that it is stopping", async () => {
    const address = join(temporaryFolder(), "notify");
    const listener = listenAt(address);
    const server = await startChatporch({ NOTIFY_SOCKET: address, WATCHDOG_USEC: "400000" });
    await listener.until("READY=1");
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    await listener.until("WATCHDOG=1");
    expect(listener.heard()).not.toContain("STOPPING=1");
    expect(await server.stop("SIGTERM")).toBe(0);
    expect(listener.heard()).toContain("STOPPING=1");
  });

  test("of another process is not fed by this one", async () => {
    const address = join(temporaryFolder(), "notify");
    const listener = listenAt(address);
    const server = await startChatporch({
      NOTIFY_SOCKET: address,
      WATCHDOG_USEC: "1",
      WATCHDOG_PID: "1",
    });
    await listener.until("READY=1");
    expect(await server.stop("SIGTERM")).toBe(0);
    expect(listener.heard()).not.toContain("WATCHDOG=1");
  });
});
