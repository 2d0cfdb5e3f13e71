import { connect, type Socket } from "node:net";

import type { Answer } from "./answers.ts";

/** A connection on which a test sends exactly the bytes it means. */
export interface RawConnection {
  write(bytes: string | Uint8Array): void;
  /** Resolves with the next answer, or rejects when the connection ends before it is whole. */
  answer(): Promise<Answer>;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to a server given by its base URL. */
export async function openRaw(base: string): Promise<RawConnection> {
  const { hostname, port } = new URL(base);
  const socket: Socket = connect(Number(port), hostname);
  let received: Buffer = Buffer.alloc(0);
  let hasEnded = false;
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      hasEnded = true;
      wake();
      resolve();
    });
  });
  // A server that refuses a body may reset the connection while it is still being sent.
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));

  return {
    write: (bytes) => void socket.write(bytes),
    closed,
    close: () => socket.destroy(),
    async answer() {
      for (;;) {
        const parsed = parseAnswer(received);
        if (parsed) {
          received = received.subarray(parsed.bytes);
          return parsed.answer;
        }
        if (hasEnded) throw new Error(`The connection ended early: ${received.toString("latin1")}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function parseAnswer(received: Buffer): { answer: Answer; bytes: number } | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const status = Number(statusLine.split(" ")[1]);
  const start = headEnd + 4;
  if (status === 204) return { answer: { status, headers, body: "" }, bytes: start };
  const length = headers.get("content-length");
  if (length === null) throw new Error(`An answer of no declared length: ${statusLine}`);
  const end = start + Number(length);
  if (received.length < end) return undefined;
  return { answer: { status, headers, body: received.toString("utf8", start, end) }, bytes: end };
}
