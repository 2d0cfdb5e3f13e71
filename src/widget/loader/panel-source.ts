import type { PanelModule } from "../contract.ts";

/** The name of this version's panel, from the build: its hash. */
declare const PANEL_FILE: string;

/** A panel that has not come by then is given up, so that the visitor can try again. */
const TIMEOUT_MS = 20_000;

/**
 * Returns what loads the panel: from where the loader came from, or else from the server. If the server has another
 * version by now, it answers with the panel of that version.
 *
 * `import()` needs no more permission than the loader has: it takes over the loader's nonce, and is no sink for Trusted
 * Types.
 * @param apiUrl the server's address
 */
export function createPanelSource(apiUrl: string, scriptUrl: string): () => Promise<PanelModule> {
  const folder = /^https?:[^?#]*\/widget\/(?=[\w.-]+\.js)/.exec(scriptUrl) ?? `${apiUrl}/widget/`;
  let query = "";
  return () =>
    new Promise((resolve, reject) => {
      const url = `${folder}panel/${PANEL_FILE}${query}`;
      const fail = (error: unknown) => {
        // A browser may remember that an address failed, so the next attempt uses another one.
        query = `${query || "?"}!`;
        reject(`${url} cannot be loaded (see script-src): ${error}`);
      };
      import(url).then(resolve, fail);
      setTimeout(fail, TIMEOUT_MS, "timeout");
    });
}
