import type { Attributes } from "../settings.ts";
import type { ChatPorchAttributes } from "./public.d.ts";

/** The names of the settings (settings.ts, panel/panel-settings.ts) by the attributes of the element. */
const SETTINGS: Readonly<Record<keyof ChatPorchAttributes, string>> = {
  "api-url": "apiUrl",
  "api-key": "apiKey",
  mode: "mode",
  conversation: "conversation",
  // An element with a title has a tooltip, everywhere.
  heading: "title",
  subtitle: "subtitle",
  logo: "logo",
  "welcome-message": "welcomeMessage",
  "input-placeholder": "inputPlaceholder",
  notice: "notice",
  "privacy-url": "privacyUrl",
  "contact-url": "contactUrl",
  suggestions: "suggestions",
  "accent-color": "accentColor",
  theme: "theme",
  lang: "lang",
};

/** What the attributes of the element say. */
export function readAttributes(node: Element): Attributes {
  const found: Record<string, string> = {};
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const from = name === "lang" ? node.closest("[lang]") : node;
    const value = from?.getAttribute(name);
    if (value) found[setting] = value;
  }
  // The panel knows which texts there are.
  for (const { name, value } of node.attributes) {
    const setting = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (name.startsWith("text-") && value) found[setting] = value;
  }
  return found;
}
