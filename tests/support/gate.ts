/** Stands in front of a server: passes requests on, notes their paths, and answers in the server's place. */
export interface Gate {
  readonly url: string;
  /** The server's address. A test may put another server behind the gate. */
  target: string;
  /** Method and path of every request, in their order: `GET /health`. */
  readonly requests: string[];
  /** Answers a request, or returns undefined to pass it on. */
  answer: (request: Request) => Response | Promise<Response> | undefined;
  /** Passes a request on to the server, as one is that is not answered. */
  pass(request: Request): Promise<Response>;
  stop(): Promise<void>;
}

/** Starts a gate on loopback. */
export function startGate(target = ""): Gate {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch(request) {
      gate.requests.push(`${request.method} ${new URL(request.url).pathname}`);
      return gate.answer(request) ?? gate.pass(request);
    },
  });
  const gate: Gate = {
    url: server.url.origin,
    target,
    requests: [],
    answer: () => undefined,
    pass(request) {
      const { pathname, search } = new URL(request.url);
      return pass(gate.target + pathname + search, request);
    },
    stop: () => server.stop(true),
  };
  return gate;
}

/** The answer's body is passed on as it came, compressed or not. A server that is not there is a 502, as at any gateway. */
async function pass(url: string, request: Request): Promise<Response> {
  try {
    return await fetch(url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      signal: request.signal,
      decompress: false,
      redirect: "manual",
    });
  } catch {
    return new Response(null, { status: 502 });
  }
}
