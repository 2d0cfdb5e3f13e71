import { sessionName } from "../contract.ts";
import { recall, remember } from "../storage.ts";
import type { SessionKeeper } from "./session.ts";

/** Keeps what stands in the input, in this tab, over a reload and from page to page. */
export interface Drafts {
  /** The one in the current conversation. */
  current(): string;
  /** The one before it is forgotten. */
  keep(text: string): void;
}

export function createDrafts(
  apiUrl: string,
  conversation: string | undefined,
  sessions: SessionKeeper,
): Drafts {
  const name = sessionName(apiUrl, conversation ?? "");
  /** Empty: nothing was asked yet. */
  const id = () => sessions.current()?.sessionId ?? "";
  return {
    current() {
      const { of, text } = Object(recall("sessionStorage", name)) as Record<string, unknown>;
      return typeof text === "string" && of === id() ? text : "";
    },
    keep: (text) => remember("sessionStorage", name, text ? { of: id(), text } : undefined),
  };
}
