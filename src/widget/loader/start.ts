import { isSupported } from "../support-floor.ts";
import { createLoader, type PanelSource, type WidgetApi } from "./loader.ts";
import { keepOnPage } from "./presence.ts";

declare global {
  interface Window {
    Chatporch?: WidgetApi;
  }
  interface HTMLScriptElement {
    /** Set on a tag that has taken the place of an earlier one, whose widget goes on. */
    isChatporch?: boolean;
  }
}

/**
 * Puts the widget on the page, as soon as there is a body. Catches every error, so that the page goes on. To be called
 * while the script tag runs, because only then is it known which one it is.
 * @param createSource returns what loads the panel
 */
export function start(createSource: PanelSource): void {
  const script =
    (document.currentScript as HTMLScriptElement | null) ??
    document.querySelector<HTMLScriptElement>('script[src*="/widget/chat-widget"]') ??
    undefined;
  const begin = () => {
    try {
      if (!isSupported()) throw "needs a newer browser";
      // An element of the page with the id `Chatporch` is also found under this name, but has no `open`.
      if (typeof window.Chatporch?.open !== "function") mount(script, createSource);
      // A page that has replaced its body runs its scripts again. One that has removed a tag may yet run its script.
      else if (script?.isConnected && !script.isChatporch)
        console.warn("[chatporch] is here twice");
    } catch (error) {
      console.error("[chatporch]", error);
    }
  };
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}

function mount(script: HTMLScriptElement | undefined, createSource: PanelSource): void {
  const data = { ...script?.dataset };
  const loader = createLoader({ data, scriptUrl: script?.src ?? "" }, createSource);
  window.Chatporch = loader.api;
  keepOnPage(loader, script, otherTagFor, () => {
    loader.dispose();
    if (window.Chatporch === loader.api) delete window.Chatporch;
  });
}

/** Another tag on the page for the same chat. */
function otherTagFor(script: HTMLScriptElement): HTMLScriptElement | undefined {
  return [...document.scripts].find(
    (each) =>
      each !== script && each.src === script.src && each.dataset.apiKey === script.dataset.apiKey,
  );
}
