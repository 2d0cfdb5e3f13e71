import { createServer, type Server, type Socket } from "node:net";

import { event, finishChunk, tokenChunk, USAGE } from "./model-server.ts";

/** Does something to the connection on which a question came. A fault that does nothing is a model that hangs. */
export type Fault = (socket: Socket) => void | Promise<void>;

/**
 * A model server that writes raw bytes to its sockets; the text of a question chooses the fault. It can break
 * things that the scripted server of model-server.ts cannot, because that one is built on Bun's HTTP server.
 */
export interface FaultyModel {
  readonly url: string;
  readonly port: number;
  /** The questions in the order in which they came, including repeated ones. */
  readonly questions: readonly string[];
  /** How many connections are open. */
  readonly openConnections: () => number;
  stop(): Promise<void>;
}

/** The good model's answer. */
export const GOOD_ANSWER = "Hello there";

/** Starts the server. The question is the body's last message; a question that names no fault gets a good answer. */
export async function startFaultyModel(
  faultOf: (question: string) => Fault | undefined,
  port = 0,
): Promise<FaultyModel> {
  const sockets = new Set<Socket>();
  const questions: string[] = [];

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      received += String(text);
      if (received.startsWith("GET ")) {
        // The list of models, which this server does not have.
        received = "";
        socket.end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      const question = questionIn(received);
      if (question === undefined) return;
      received = "";
      questions.push(question);
      void (faultOf(question) ?? answerWell)(socket);
    });
    socket.on("close", () => sockets.delete(socket));
    // The other side may leave at any time: the tests make it do so.
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    port: address.port,
    questions,
    openConnections: () => sockets.size,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Undefined while the body is incomplete. */
function questionIn(request: string): string | undefined {
  const body = request.slice(request.indexOf("\r\n\r\n") + 4);
  try {
    const { messages }: { messages: { content: string }[] } = JSON.parse(body);
    return messages.at(-1)?.content;
  } catch {
    // The rest of the body has not arrived yet.
    return undefined;
  }
}

export const STREAM_HEAD = headOf("text/event-stream");

/** The head of an answer in HTTP's chunked form. */
export function headOf(mediaType: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${mediaType}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n`;
}

/** One chunk of a body in HTTP's chunked encoding. */
export function chunk(part: string | Uint8Array): Uint8Array {
  const bytes = typeof part === "string" ? Buffer.from(part) : part;
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF]);
}

const CRLF = Buffer.from("\r\n");
const LAST_CHUNK = "0\r\n\r\n";

/** The end of a good stream. */
export const STREAM_END = `${event({ choices: [], usage: USAGE })}data: [DONE]\n\n`;

/** A short good stream: one piece for each event, and the last for the end. */
export const GOOD_STREAM: readonly Uint8Array[] = [
  Buffer.from(STREAM_HEAD),
  chunk(tokenChunk("Hello ")),
  chunk(tokenChunk("there")),
  chunk(finishChunk("stop")),
  chunk(STREAM_END),
  Buffer.from(LAST_CHUNK),
];

const answerWell: Fault = (socket) => {
  socket.end(Buffer.concat(GOOD_STREAM));
};

/** A stream of the given parts, each in a chunk of its own, with a proper end. */
export function stream(...parts: readonly (string | Uint8Array)[]): Fault {
  return async (socket) => {
    socket.write(STREAM_HEAD);
    for (const part of parts) await write(socket, chunk(part));
    socket.end(LAST_CHUNK);
  };
}

/** A complete answer with a status. */
export function respond(status: number, headers: Readonly<Record<string, string>>, body: string) {
  return (socket: Socket) => {
    const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.end(`HTTP/1.1 ${status} Scripted\r\nconnection: close\r\n${head}\r\n${body}`);
  };
}

/** Resolves when the other side has taken the bytes, or has gone. */
export function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.write(bytes)) return resolve();
    function settle(): void {
      socket.off("drain", settle).off("close", settle);
      resolve();
    }
    socket.on("drain", settle).on("close", settle);
  });
}
