import { ChatPorch } from "./element.ts";

// Not twice: two parts of a page may both have the module.
if (globalThis.customElements && !customElements.get("chat-porch")) {
  customElements.define("chat-porch", ChatPorch);
}

export { ChatPorch };
