/** What a page can listen to, and what its listeners are told. */
export interface WidgetEvents {
  readonly open: undefined;
  readonly close: undefined;
  /** A question was asked, or an answer has ended. */
  readonly message: { readonly role: "user" | "assistant"; readonly text: string };
  /** Something did not work; the code is the server's, or `unreachable` and the like. */
  readonly error: { readonly code: string };
}

export interface Emitter {
  /** Returns a function that ends it. */
  on(event: string, listener: unknown): () => void;
  emit<K extends keyof WidgetEvents>(event: K, detail: WidgetEvents[K]): void;
}

/** Listeners are the page's: what they throw is reported there and stops nothing here. */
export function createEmitter(): Emitter {
  const listeners = new Set<{ event: string; listener: (detail: unknown) => void }>();
  return {
    on(event, listener) {
      if (typeof listener !== "function") return () => undefined;
      const entry = { event, listener: (detail: unknown) => void listener(detail) };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    emit(event, detail) {
      for (const each of [...listeners]) {
        if (each.event !== event) continue;
        try {
          each.listener(detail);
        } catch (error) {
          console.error(error);
        }
      }
    },
  };
}
