import { connect } from "node:net";

const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name does not exist",
  EAI_AGAIN: "its name could not be looked up",
  EHOSTUNREACH: "no network route leads to it",
  ENETUNREACH: "no network route leads to it",
  ETIMEDOUT: "it does not answer in time",
};

/**
 * Why no connection to the server of an address can be made, which Bun's clients of Redis and PostgreSQL do not
 * say. Undefined: a connection can be made.
 */
export function dialFault(
  url: string,
  { defaultPort, timeoutMs }: { readonly defaultPort: number; readonly timeoutMs: number },
): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port: Number(port) || defaultPort });
  socket.setTimeout(timeoutMs, () => resolve(FAULTS.ETIMEDOUT));
  socket.once("connect", () => resolve(undefined));
  socket.once("error", (error) => {
    const code = "code" in error ? String(error.code) : "";
    resolve(FAULTS[code] ?? error.message);
  });
  return promise.finally(() => socket.destroy());
}
