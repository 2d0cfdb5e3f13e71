import { readSettings } from "./settings.ts";
import { createWidget, type WidgetApi } from "./widget.ts";

declare global {
  interface Window {
    Chatporch?: WidgetApi;
  }
}

/** Known only now, while the script tag runs. */
const tag = document.currentScript ?? document.querySelector('script[src*="/widget/chat-widget"]');

/** Whatever happens in here, the page goes on. */
function start(): void {
  try {
    mount(tag instanceof HTMLScriptElement ? tag : undefined);
  } catch (error) {
    console.error("[chatporch]", error);
  }
}

function mount(script: HTMLScriptElement | undefined): void {
  // An element of the page with this id is also found under the name, but cannot be opened.
  if (typeof window.Chatporch?.open === "function") {
    console.warn("[chatporch] is on this page twice");
    return;
  }
  const settings = readSettings(script?.dataset ?? {}, {
    scriptUrl: script?.src ?? "",
    pageUrl: document.baseURI,
    languages: [document.documentElement.lang, ...navigator.languages],
  });
  const widget = createWidget(settings);
  window.Chatporch = widget.api;

  /** A page that removes the script tag, or the widget itself, wants it gone. */
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
