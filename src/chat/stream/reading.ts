import type { TurnSettings } from "../../config/turns.ts";
import { type Connection, neverTimeOut } from "../../http/connection.ts";
import type { Turn } from "../../turns/turn.ts";
import { chooseEncoder } from "./format.ts";
import { streamResponse } from "./response.ts";

/** A turn that one reader is sent. */
export interface Reading {
  readonly turn: Turn;
  /** The number of the last event that the reader has. */
  readonly after: number;
  /** Gives back the place that the reader was given. */
  readonly leave: () => void;
}

/** How a reader is sent a turn, where its Accept header prefers no other format. */
export type StreamSettings = Pick<TurnSettings, "streamFormat" | "heartbeatIntervalMs">;

/** Streams a turn to its reader, on a connection that no silence of the model cuts off. */
export function streamToReader(
  { turn, after, leave }: Reading,
  { request, server }: Connection,
  { streamFormat, heartbeatIntervalMs }: StreamSettings,
): Response {
  const encoder = chooseEncoder(request.headers.get("accept"), streamFormat);
  const { signal } = request;
  return neverTimeOut({ request, server }, (timeOutAgain) => {
    const onEnd = () => {
      leave();
      timeOutAgain();
    };
    return streamResponse({ turn, after, encoder, heartbeatIntervalMs, signal, onEnd });
  });
}
