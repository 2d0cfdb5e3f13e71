import type { MessageStatus } from "../conversation/records.ts";
import { type Html, html } from "./html.ts";

/** The ways in which an answer is not simply there. */
const NAMES: Readonly<Record<MessageStatus, string | undefined>> = {
  complete: undefined,
  streaming: "being written",
  stopped: "stopped",
  interrupted: "cut off",
  failed: "failed",
};

/** How an answer ended, where it did not end well. */
export function statusBadge(status: MessageStatus): Html | undefined {
  const name = NAMES[status];
  return name === undefined ? undefined : html`<span class="badge ${status}">${name}</span>`;
}
