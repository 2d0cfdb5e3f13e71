import type { Socket } from "bun";

/** A TCP server below HTTP, for connections that break where an HTTP server would not let them. */
export interface RawServer {
  readonly url: string;
  /** How many requests have come. */
  readonly requests: () => number;
  stop(): void;
}

/** Calls back at every request, which is taken to be one piece of bytes. */
export function startRawServer(onRequest: (socket: Socket) => void): RawServer {
  let requests = 0;
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket) {
        requests += 1;
        onRequest(socket);
      },
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}/v1`,
    requests: () => requests,
    stop: () => listener.stop(true),
  };
}

/** The headers and the first part of an answer that promises more. */
export function beginningOfResponse(mediaType: string, part: string): string {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${mediaType}\r\ntransfer-encoding: chunked\r\n\r\n`;
  if (part === "") return head;
  return `${head}${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`;
}
