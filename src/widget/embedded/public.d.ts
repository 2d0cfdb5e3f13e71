/** The types of chat-porch.js, which defines the element <chat-porch> when it is imported in a browser. */

/** The attributes of <chat-porch>. They may change at any time: the conversation goes on. */
export interface ChatPorchAttributes {
  /** The server, `https://chat.example.com`. Only a script tag that loads the module from there may leave it out. */
  "api-url"?: string;
  /** A widget key of the server. */
  "api-key"?: string;
  /** `inline`: as large as the page makes the element; the default. `page`: fills the window. */
  mode?: "inline" | "page";
  /** A name. Chats with other names have conversations of their own; those with the same one share it. */
  conversation?: string;
  /** At the top. */
  heading?: string;
  /** A line below the heading. */
  subtitle?: string;
  /** The address of an image beside the heading. */
  logo?: string;
  /** The first message. */
  "welcome-message"?: string;
  "input-placeholder"?: string;
  /** The line under the input, which says that an AI answers. `off`: no line. */
  notice?: string;
  /** Your page on privacy, an https address. */
  "privacy-url"?: string;
  /** Where visitors can write to people when the chat cannot be reached: an https or mailto address. */
  "contact-url"?: string;
  /** Questions to begin with: `Opening hours | Shipping`. */
  suggestions?: string;
  /** Any CSS colour. */
  "accent-color"?: string;
  theme?: "auto" | "light" | "dark";
  /** Else that of the nearest element around it that has one. */
  lang?: string;
  /** Any other text of the chat: `text-send="Ask"`. The server's docs/widget.md has the names. */
  [text: `text-${string}`]: string | undefined;
}

/** A question that was asked, or an answer that has ended. */
export interface ChatPorchMessage {
  readonly role: "user" | "assistant";
  /** An answer's text is Markdown. */
  readonly text: string;
}

/** `not_sent`: a text was refused. `unreachable`: the server cannot be reached. Else a code of the server's API. */
export interface ChatPorchError {
  readonly code: string;
}

/** The events of <chat-porch>. They do not bubble. */
export interface ChatPorchEventMap {
  "chat-message": CustomEvent<ChatPorchMessage>;
  "chat-error": CustomEvent<ChatPorchError>;
}

/** Listeners as React and Svelte take them: `onchat-message={…}`. */
export type ChatPorchListeners = {
  [Name in keyof ChatPorchEventMap as `on${Name}`]?: (event: ChatPorchEventMap[Name]) => void;
};

/** The element <chat-porch>: a chat as a part of the page. */
export declare class ChatPorch extends HTMLElement {
  /** Asks, after the answers under way. A refused text causes a `chat-error` with the code `not_sent`. */
  send(text: string): void;
  /** Begins a new conversation. */
  reset(): void;
  /** Puts the focus into the input. */
  override focus(): void;
  addEventListener<Name extends keyof ChatPorchEventMap>(
    type: Name,
    listener: (this: ChatPorch, event: ChatPorchEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-porch": ChatPorch;
  }
}
