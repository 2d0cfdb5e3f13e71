import { SECOND_MS } from "../runtime/time.ts";
import type { SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

export type StreamFormat = "sse" | "ndjson";

/** How answers are made and sent. */
export interface TurnSettings {
  /** How many answers may be under way at once. Further questions are refused. */
  readonly maxConcurrentTurns: number;
  readonly streamFormat: StreamFormat;
  readonly sessionTtlDays: number;
  readonly abandonedTurnGraceMs: number;
  readonly heartbeatIntervalMs: number;
}

/** Bounds memory: an answer under way takes about 100 KB, so these take half a gigabyte. */
const DEFAULT_MAX_CONCURRENT_TURNS = 4000;
const DEFAULT_SESSION_TTL_DAYS = 30;
/** Long enough for a reload or a change of network, short enough not to pay for an unread answer. */
const DEFAULT_ABANDONED_TURN_GRACE_MS = 10 * SECOND_MS;
/** Proxies commonly cut a silent connection after 30 to 60 s; 15 s stays well below. */
const HEARTBEAT_INTERVAL_MS = 15 * SECOND_MS;

export const TURNS: SettingGroup<TurnSettings> = {
  read: readTurnSettings,
  shown: {
    MAX_CONCURRENT_TURNS: ({ maxConcurrentTurns }) => String(maxConcurrentTurns),
    STREAM_FORMAT: ({ streamFormat }) => streamFormat,
    SESSION_TTL_DAYS: ({ sessionTtlDays }) => String(sessionTtlDays),
    ABANDONED_TURN_GRACE_MS: ({ abandonedTurnGraceMs }) => String(abandonedTurnGraceMs),
  },
};

function readTurnSettings(reader: SettingReader): TurnSettings {
  return {
    maxConcurrentTurns: reader.integer("MAX_CONCURRENT_TURNS", {
      fallback: DEFAULT_MAX_CONCURRENT_TURNS,
      min: 1,
      max: 1_000_000,
    }),
    streamFormat: reader.choice("STREAM_FORMAT", ["sse", "ndjson"], "sse"),
    sessionTtlDays: reader.integer("SESSION_TTL_DAYS", {
      fallback: DEFAULT_SESSION_TTL_DAYS,
      min: 1,
      max: 3650,
    }),
    abandonedTurnGraceMs: reader.duration(
      "ABANDONED_TURN_GRACE_MS",
      DEFAULT_ABANDONED_TURN_GRACE_MS,
      0,
    ),
    heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
  };
}
