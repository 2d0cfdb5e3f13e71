/** A proxy between a client and a server that can break its connections. */
export function startBreakableProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Bun.Socket<{ peer: Promise<Bun.Socket<unknown>> }>>();
  const server = Bun.listen<{ peer: Promise<Bun.Socket<unknown>> }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        sockets.add(socket);
        const peer = Bun.connect({
          hostname,
          port: Number(port),
          socket: {
            data: (_peer, bytes) => void socket.write(bytes),
            close: () => void socket.end(),
          },
        });
        socket.data = { peer };
      },
      data: async (socket, bytes) => void (await socket.data.peer).write(bytes),
      async close(socket) {
        sockets.delete(socket);
        (await socket.data.peer).end();
      },
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    stop: () => server.stop(true),
  };
}
