/** Tests that run at the same time must not get the same port before their programs listen. */
const given = new Set<number>();

/** A port that the system chose and that is free, for programs that cannot say which port they got. */
export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
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
