import { UnusableSettingError } from "../config/problems.ts";
import { localUrl } from "../config/server.ts";
import { connectDirectly } from "./environment.ts";
import { readSettings } from "./settings.ts";
import { print } from "./terminal.ts";

/** A server that is only busy answers sooner, and Docker waits for 30 s. */
const TIMEOUT_MS = 5000;
const ALIVE = '{"status":"ok"}';

/**
 * Asks the server with these settings whether it is alive. It asks /health and not /ready, because those who
 * watch the answer restart the server, and a restart mends neither a database that is away nor a shutdown.
 */
export async function health(): Promise<number> {
  const { host, port, basePath } = readSettings().config.server;
  if (port === 0) {
    throw new UnusableSettingError(
      "PORT is 0, so the system chose the port of the server, and nobody else knows it. Set PORT to a number.",
    );
  }
  const url = `${localUrl(host, port)}${basePath}/health`;
  connectDirectly(new URL(url).hostname);
  const fault = await faultOf(url);
  if (fault === undefined) return print(`${url}: alive\n`);
  process.stderr.write(`chatporch health: ${url} ${fault}\n`);
  return 1;
}

/** What is wrong with the answer. Undefined: the server is alive. */
async function faultOf(url: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { redirect: "manual", signal });
    if (response.status === 200 && (await response.text()) === ALIVE) return undefined;
    return `answers ${response.status}, but not as chatporch does.`;
  } catch (error) {
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return isLate
      ? `does not answer within ${TIMEOUT_MS / 1000} s.`
      : "does not answer: is the server running, with the same HOST and PORT?";
  }
}
