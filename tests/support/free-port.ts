/** Tests that run side by side must not be given the same one before its program listens. */
const given = new Set<number>();

/** A port that the system chose and nobody listens on: for programs that cannot say which one they got. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
}

/** Resolves when something listens there; `failEarly` throws when nothing will any more. */
export async function listening(port: number, failEarly: () => Promise<void>): Promise<void> {
  for (;;) {
    await failEarly();
    try {
      const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
      socket.end();
      return;
    } catch {
      // Not yet: proxies do not say when they listen.
      await Bun.sleep(20);
    }
  }
}
