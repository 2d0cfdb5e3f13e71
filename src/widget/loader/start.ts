import type { PanelModule } from "../contract.ts";
import { readPageSettings } from "../settings.ts";
import { createLoader, type WidgetApi } from "./loader.ts";

declare global {
  interface Window {
    Chatporch?: WidgetApi;
  }
}

/** @param apiUrl the server's address; empty when it is not known */
type PanelSource = (apiUrl: string, scriptUrl: string) => () => Promise<PanelModule>;

/**
 * Puts the widget on the page, as soon as there is a body. Catches every error, so that the page goes on. To be called
 * while the script tag runs, because only then is it known which one it is.
 * @param createSource returns what loads the panel
 */
export function start(createSource: PanelSource): void {
  const tag =
    document.currentScript ?? document.querySelector('script[src*="/widget/chat-widget"]');
  const begin = () => {
    try {
      mount(tag instanceof HTMLScriptElement ? tag : undefined, createSource);
    } catch (error) {
      console.error("[chatporch]", error);
    }
  };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}

function mount(script: HTMLScriptElement | undefined, createSource: PanelSource): void {
  // An element of the page with the id `Chatporch` is also found under this name, but has no `open`.
  if (typeof window.Chatporch?.open === "function") {
    console.warn("[chatporch] is on this page twice");
    return;
  }
  const data = { ...script?.dataset };
  const scriptUrl = script?.src ?? "";
  const settings = readPageSettings(data, scriptUrl);
  const source = createSource(settings.apiUrl, scriptUrl);
  const loader = createLoader(settings, { data, scriptUrl }, source);
  window.Chatporch = loader.api;

  /** When the page removes the script tag or the widget's element, the widget removes itself. */
  const observer = new MutationObserver(() => {
    if (loader.host.isConnected && (!script || script.isConnected)) return;
    observer.disconnect();
    loader.dispose();
    if (window.Chatporch === loader.api) delete window.Chatporch;
  });
  for (const parent of [document.documentElement, document.body, script?.parentNode]) {
    if (parent) observer.observe(parent, { childList: true });
  }
}
