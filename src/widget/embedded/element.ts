import type { Attributes } from "../settings.ts";
import { readAttributes } from "./attributes.ts";
import { createEmbeddedChat, type EmbeddedChat } from "./embedded-chat.ts";
import type { ChatPorch as PublicChatPorch } from "./public.d.ts";

/** A server that renders pages has no elements. There the module can be imported, and does nothing. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * The element <chat-porch>. What it shows follows from its attributes, while it is in the document. It looks at them when
 * the script that changes them has ended, so that an element that is only moved keeps everything.
 */
export class ChatPorch extends Base implements Pick<PublicChatPorch, "send" | "reset" | "focus"> {
  /** Sees attributes of any name, also those that only the panel knows. */
  readonly #observer = new MutationObserver(() => this.#look());
  #chat: EmbeddedChat | undefined;
  /** The attributes that the chat has, as JSON. */
  #shown: string | undefined;

  connectedCallback(): void {
    this.#observer.observe(this, { attributes: true });
    queueMicrotask(() => this.#look());
  }

  disconnectedCallback(): void {
    this.#observer.disconnect();
    queueMicrotask(() => this.#look());
  }

  send(text: string): void {
    this.#look();
    // A page may give anything else: the event of a press, where this is its listener.
    if (this.#chat) this.#chat.send(typeof text === "string" ? text : "");
    else this.#emit("error", { code: "not_sent" });
  }

  reset(): void {
    this.#look();
    this.#chat?.reset();
  }

  override focus(): void {
    this.#look();
    this.#chat?.focus();
  }

  #look(): void {
    const attributes = this.isConnected ? readAttributes(this) : undefined;
    const wanted = attributes && JSON.stringify(attributes);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    if (attributes && this.#chat?.set(attributes)) return;
    this.#chat?.dispose();
    this.#chat = attributes && this.#begin(attributes);
  }

  #begin(attributes: Attributes): EmbeddedChat {
    const script = document.querySelector<HTMLScriptElement>(
      'script[src*="/widget/chat-porch.js"]',
    );
    return createEmbeddedChat(this, attributes, script?.src ?? "", (event, detail) =>
      this.#emit(event, detail),
    );
  }

  #emit(event: string, detail: unknown): void {
    if (/^message$|^error$/.test(event)) {
      this.dispatchEvent(new CustomEvent(`chat-${event}`, { detail }));
    }
  }
}
