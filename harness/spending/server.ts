import { ADMIN_KEY, KEYS } from "../chat-requests.ts";
import type { Counted } from "./counting-model.ts";
import type { Send } from "./visitors.ts";

/** How visitors reach a server that runs in a process of its own. */
export function sendOver(url: string): Send {
  return (path, { body, signal }) =>
    fetch(url + path, {
      method: "POST",
      headers: { "x-api-key": KEYS.WIDGET_API_KEY ?? "", "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    });
}

interface Sums {
  readonly spent: Counted & { readonly cost: number };
  readonly held: Counted & { readonly cost: number };
}

/** What a server shows its owner of today and of this month. */
export async function readSpending(
  url: string,
): Promise<{ readonly day: Sums; readonly month: Sums }> {
  const headers = { "x-admin-api-key": ADMIN_KEY };
  const response = await fetch(`${url}/v1/admin/spending`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`The admin API answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Both kinds of tokens together. */
export function spentOf({ inputTokens, outputTokens }: Counted): number {
  return inputTokens + outputTokens;
}
