import { connect, type Socket } from "node:net";

import type { Answer } from "./answers.ts";

/** A connection on which a test sends exactly the bytes that it wants. */
export interface RawConnection {
  write(bytes: string | Uint8Array): void;
  /** Resolves with the next answer, or rejects when the connection ends before the answer does. */
  answer(): Promise<Answer>;
  /** Resolves with the head of the next answer, and treats the bytes after it as no body. */
  head(): Promise<Answer>;
  /** The received text that was not yet returned as an answer. */
  text(): string;
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

  async function take(parse: (bytes: Buffer) => Parsed | undefined): Promise<Answer> {
    for (;;) {
      const parsed = parse(received);
      if (parsed) {
        received = received.subarray(parsed.bytes);
        return parsed.answer;
      }
      if (hasEnded) throw new Error(`The connection ended early: ${received.toString("latin1")}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  return {
    write: (bytes) => void socket.write(bytes),
    closed,
    close: () => socket.destroy(),
    text: () => received.toString("latin1"),
    answer: () => take(parseAnswer),
    head: () => take(parseHead),
  };
}

interface Parsed {
  readonly answer: Answer;
  readonly bytes: number;
}

function parseHead(received: Buffer): Parsed | undefined {
  const headEnd = received.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = received.toString("latin1", 0, headEnd).split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const status = Number(statusLine.split(" ")[1]);
  return { answer: { status, headers, body: "" }, bytes: headEnd + 4 };
}

function parseAnswer(received: Buffer): Parsed | undefined {
  const head = parseHead(received);
  if (head === undefined) return undefined;
  const {
    answer: { status, headers },
    bytes: start,
  } = head;
  if (status === 204) return head;
  const length = headers.get("content-length");
  if (length === null) throw new Error(`An answer of no declared length: ${status}`);
  const end = start + Number(length);
  if (received.length < end) return undefined;
  return { answer: { status, headers, body: received.toString("utf8", start, end) }, bytes: end };
}
