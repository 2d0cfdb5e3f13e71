import type { Socket } from "bun";

/** After so many turns of the event loop without a byte, a connection that stays open has no more. */
const QUIET_TURNS = 60;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Writes the bytes to a server in this process, and resolves with all that came back until the server
 * closed the connection or said nothing more. What a slow answer would have said is not waited for: it
 * is judged less, and never wrongly.
 */
export async function talk(base: string, pieces: readonly Uint8Array[]): Promise<Buffer> {
  const { hostname, port } = new URL(base);
  const received: Buffer[] = [];
  let isClosed = false;
  let quietTurns = 0;
  const socket: Socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_socket, bytes) {
        received.push(Buffer.from(bytes));
        quietTurns = 0;
      },
      close() {
        isClosed = true;
      },
      // A server that refuses may reset the connection while it is still being written to.
      error() {
        isClosed = true;
      },
    },
  });
  for (const piece of pieces) {
    if (isClosed) break;
    socket.write(piece);
    await nextTurn();
  }
  while (!isClosed && quietTurns < QUIET_TURNS) {
    quietTurns += 1;
    await nextTurn();
  }
  socket.terminate();
  return Buffer.concat(received);
}

/** Cuts the bytes into so many pieces. */
export function cut(bytes: Uint8Array, pieces: number): Uint8Array[] {
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  return starts.map((start) => bytes.subarray(start, start + size));
}
