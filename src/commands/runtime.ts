import { beginAnew, isCompiled, realEnvironment } from "./environment.ts";

/** Raises the limit of Bun's fetch, which runs 256 requests at once by default. */
const FETCH_LIMIT = { BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" };
/**
 * By default the garbage collector has one thread per processor, which occupies a small machine completely:
 * with 2000 streams, everybody waits 40 to 70 ms every few seconds. With one thread it is 10 to 20 ms. Settings
 * of JavaScriptCore are set only in the binary, whose Bun has them; a Bun that does not know one would not start.
 */
const ONE_GC_THREAD = { BUN_JSC_numberOfGCMarkers: "1" };
/**
 * The last tier of JavaScriptCore's compiler (FTL) takes up to a tenth of a busy server's processor time
 * and memory, and what it compiles is not faster here, even after tens of thousands of answers.
 */
const NO_LAST_TIER = { BUN_JSC_useFTLJIT: "0" };

/**
 * How many times later than usual JavaScriptCore compiles code to machine code during the start. That code runs
 * once: compiling it takes a fifth of the start's processor time, and 2 MB for as long as the server runs.
 */
const START_JIT_SCALE = 100;

/**
 * Restarts this process once if it needs another environment, because Bun reads some settings of a server only
 * at its start. Values that the owner has set win. A server compiles little code until its start is over.
 */
export function setUpRuntime({ isServer }: { readonly isServer: boolean }): void {
  const runtime = isCompiled()
    ? { ...FETCH_LIMIT, ...ONE_GC_THREAD, ...NO_LAST_TIER }
    : FETCH_LIMIT;
  beginAnew({ ...(isServer ? runtime : {}), ...realEnvironment() });
  if (isServer) Bun.unsafe.setJITPolicy(START_JIT_SCALE);
}

/** Lets the server compile code as usual, because from now on the same code runs often. */
export function startIsOver(): void {
  Bun.unsafe.setJITPolicy(1);
}
