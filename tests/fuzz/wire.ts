import { connect } from "node:net";

/** After this many turns of the event loop without a byte, an open connection counts as finished. */
const QUIET_TURNS = 60;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Writes the bytes to a server in this process. Resolves with everything that came back until the server
 * closed the connection or, unless it was asked to close it, sent nothing more. The call does not wait for
 * slow answers: the oracle then sees less of them, but never judges them wrongly.
 */
export async function talk(
  base: string,
  pieces: readonly Uint8Array[],
  { isClosing }: { readonly isClosing: boolean },
): Promise<Buffer> {
  const { hostname, port } = new URL(base);
  const received: Buffer[] = [];
  let isClosed = false;
  let quietTurns = 0;
  const socket = connect(Number(port), hostname);
  socket.on("data", (bytes: Buffer) => {
    received.push(bytes);
    quietTurns = 0;
  });
  // A server that refuses the bytes may reset the connection while they are still being written.
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      isClosed = true;
      resolve();
    });
  });
  await Promise.race([closed, new Promise((resolve) => socket.once("connect", resolve))]);
  for (const piece of pieces) {
    if (isClosed) break;
    socket.write(piece);
    await nextTurn();
  }
  if (isClosing) await closed;
  while (!isClosed && quietTurns < QUIET_TURNS) {
    quietTurns += 1;
    await nextTurn();
  }
  socket.destroy();
  return Buffer.concat(received);
}

/** Cuts the bytes into that many pieces. */
export function cut(bytes: Uint8Array, pieces: number): Uint8Array[] {
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  return starts.map((start) => bytes.subarray(start, start + size));
}
