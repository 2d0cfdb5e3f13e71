import { beginAnew, isCompiled, realEnvironment } from "./environment.ts";

/** Bun's fetch runs 256 requests at once unless this says more. */
const FETCH_LIMIT = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };
/**
 * With a thread for each processor, the garbage collector takes all of a small machine: under 2000 streams
 * everybody waits for 40 to 70 ms, every few seconds; with one thread for 10 to 20. Only the binary
 * brings the Bun that is known to have this setting: another one that does not know it would not start.
 */
const ONE_GC_THREAD = { BUN_JSC_numberOfGCMarkers: "1" };

/**
 * Replaces this process once, if it has to begin with another environment: a server needs settings that Bun
 * reads only as it starts. What the owner set of them wins.
 */
export function setUpRuntime({ isServer }: { readonly isServer: boolean }): void {
  const runtime = isCompiled() ? { ...FETCH_LIMIT, ...ONE_GC_THREAD } : FETCH_LIMIT;
  beginAnew({ ...(isServer ? runtime : {}), ...realEnvironment() });
}
