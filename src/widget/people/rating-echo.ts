import type { PeopleHost } from "./contract.ts";
import { textOf } from "./state.ts";

/** Tells the other tabs of a rating that was stored. */
type TellRating = (turnId: string | undefined, rating: string | null) => void;

/** @param onRating called with what was rated in another tab; null: not any more */
export function createEcho(
  { apiUrl, signal }: PeopleHost,
  onRating: (turnId: string, rating: string | null) => void,
): TellRating {
  const channel = new BroadcastChannel(`chatporch:rating:${apiUrl}`);
  channel.onmessage = ({ data }) => {
    const { turnId, rating } = Object(data) as Record<string, unknown>;
    if (typeof turnId === "string") onRating(turnId, textOf(rating) ?? null);
  };
  signal.addEventListener("abort", () => channel.close());
  return (turnId, rating) => {
    if (!signal.aborted) channel.postMessage({ turnId, rating });
  };
}
