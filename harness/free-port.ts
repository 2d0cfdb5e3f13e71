/** Tests that run at the same time must not get the same port before their programs listen. */
const given = new Set<number>();

/** Below the ports that systems give to clients: no connection takes it while its program starts again. */
const LOWEST = 11_000;
const HIGHEST = 32_000;

/** A port that nobody uses, for programs that cannot say which port they got. */
export function freePort(): number {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    // Somebody listens there.
    return false;
  }
}

/** Resolves when something listens on the port; `failEarly` throws when nothing will. */
export async function listening(port: number, failEarly: () => Promise<void>): Promise<void> {
  for (;;) {
    await failEarly();
    try {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
      socket.end();
      return;
    } catch {
      // Not yet: proxies do not report when they listen.
      await Bun.sleep(20);
    }
  }
}
