import type { TurnSettings } from "../../config/turns.ts";
import { type Connection, neverTimeOut } from "../../http/connection.ts";
import type { Turn } from "../../turns/turn.ts";
import { chooseEncoder } from "./format.ts";
import { streamResponse } from "./response.ts";

/** A turn that is sent to one reader. */
export interface Reading {
  readonly turn: Turn;
  /** The number of the last event that the reader has. */
  readonly after: number;
  /** Gives back the reader's place. */
  readonly leave: () => void;
}

/** The stream format when the Accept header names none, and the interval of heartbeats. */
export type StreamSettings = Pick<TurnSettings, "streamFormat" | "heartbeatIntervalMs">;

/** Streams a turn to its reader. The connection has no idle time-out, so a silent model does not cut it off. */
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
    return streamResponse({ source: turn, after, encoder, heartbeatIntervalMs, signal, onEnd });
  });
}
