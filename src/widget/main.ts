import { readSettings } from "./settings.ts";
// Imported here, it stands beside the texts in the bundle: gzip needs fewer bytes than elsewhere.
import { STYLES } from "./styles.ts";
import { createWidget, type WidgetApi } from "./widget.ts";

declare global {
  interface Window {
    Chatporch?: WidgetApi;
  }
}

/** Read now: `currentScript` is set only while the script tag runs. */
const tag = document.currentScript ?? document.querySelector('script[src*="/widget/chat-widget"]');

/** Catches every error, so that the page goes on. */
function start(): void {
  try {
    mount(tag instanceof HTMLScriptElement ? tag : undefined);
  } catch (error) {
    console.error("[chatporch]", error);
  }
}

function mount(script: HTMLScriptElement | undefined): void {
  // An element of the page with the id `Chatporch` is also found under this name, but has no `open`.
  if (typeof window.Chatporch?.open === "function") {
    console.warn("[chatporch] is on this page twice");
    return;
  }
  const settings = readSettings(script?.dataset ?? {}, script?.src ?? "", document.baseURI, [
    document.documentElement.lang,
    ...navigator.languages,
  ]);
  const widget = createWidget(settings, STYLES);
  window.Chatporch = widget.api;

  /** When the page removes the script tag or the widget's element, the widget removes itself. */
  const observer = new MutationObserver(() => {
    if (widget.host.isConnected && (!script || script.isConnected)) return;
    observer.disconnect();
    widget.dispose();
    if (window.Chatporch === widget.api) delete window.Chatporch;
  });
  for (const parent of [document.documentElement, document.body, script?.parentNode]) {
    if (parent) observer.observe(parent, { childList: true });
  }
}

if (document.body) start();
else addEventListener("DOMContentLoaded", start);
