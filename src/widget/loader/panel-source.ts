import type { PanelModule } from "../contract.ts";

/**
 * Loads the panel in a language of the widget. Rejects when it cannot be loaded; it may be called again.
 */
export type LoadPanel = (language: string) => Promise<PanelModule>;

/** The hash of this version's panel, from the build. */
declare const PANEL_HASH: string;

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
export function createPanelSource(apiUrl: string, scriptUrl: string): LoadPanel {
  const folder = /^https?:[^?#]*\/widget\/(?=[\w.-]+\.js)/.exec(scriptUrl) ?? `${apiUrl}/widget/`;
  let query = "";
  return (language) =>
    new Promise((resolve, reject) => {
      const url = `${folder}panel/${PANEL_HASH}.${language}.js${query}`;
      const fail = (error: unknown) => {
        // A browser may remember that an address failed, so the next attempt uses another one.
        query = `${query || "?"}!`;
        reject(`${url} cannot be loaded (see script-src): ${error}`);
      };
      import(url).then(resolve, fail);
      setTimeout(fail, TIMEOUT_MS, "timeout");
    });
}
