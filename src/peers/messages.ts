import type { Activity } from "../conversation/activity.ts";
import type { FinalEvent } from "../conversation/events.ts";
import { FINISH_REASONS, type TokenUsage } from "../conversation/records.ts";
import type { EventBatch } from "../turns/turn.ts";

/*
 * What replicas send each other, as JSON lists that begin with a letter. Replicas of two versions talk to each
 * other during a deploy, so a message that is unknown or malformed is dropped. The database makes up for it.
 */

export type Message =
  /** The sender reads these turns. Also keeps them from being abandoned for a while. */
  | { readonly kind: "follow"; readonly from: string; readonly asks: readonly Ask[] }
  | { readonly kind: "unfollow"; readonly from: string; readonly turnIds: readonly string[] }
  | {
      readonly kind: "events";
      readonly turns: readonly TurnEvents[];
      /** Turns that the sender was asked for and does not have. */
      readonly unknown: readonly string[];
    }
  | { readonly kind: "stop"; readonly turnId: string }
  /** The owner's settings have this version. */
  | { readonly kind: "settings"; readonly version: number }
  | {
      readonly kind: "activities";
      readonly from: string;
      /** How many activities the sender has announced so far, these included. */
      readonly announced: number;
      readonly activities: readonly Activity[];
    };

export interface Ask {
  readonly turnId: string;
  /** The number of the last event that the reader has. */
  readonly after: number;
}

/** A batch of a turn's events. Without events, it says that the turn is still there. */
export interface TurnEvents {
  readonly turnId: string;
  /** The first event has the next number. */
  readonly after: number;
  /** Whether the first event is the start event. All before it are void then. */
  readonly hasStart: boolean;
  readonly tokens: readonly string[];
  readonly end: FinalEvent | undefined;
}

export function toTurnEvents(turnId: string, { after, events }: EventBatch): TurnEvents {
  const tokens: string[] = [];
  let hasStart = false;
  let end: FinalEvent | undefined;
  for (const event of events) {
    if (event.type === "token") tokens.push(event.token);
    else if (event.type === "start") hasStart = true;
    else end = event;
  }
  return { turnId, after, hasStart, tokens, end };
}

export function encodeMessage(message: Message): string {
  switch (message.kind) {
    case "follow":
      return write(
        "f",
        message.from,
        message.asks.map(({ turnId, after }) => [turnId, after]),
      );
    case "unfollow":
      return write("u", message.from, message.turnIds);
    case "events":
      return write("e", message.turns.map(toList), message.unknown);
    case "stop":
      return write("s", message.turnId);
    case "settings":
      return write("v", message.version);
    case "activities":
      return write("a", message.from, message.announced, message.activities.map(toPair));
  }
}

function write(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

function toList({ turnId, after, hasStart, tokens, end }: TurnEvents) {
  return [turnId, after, hasStart, tokens, end ?? null];
}

function toPair({ conversationId, kind }: Activity) {
  return [conversationId, kind];
}

/** Undefined for a message that this version does not know, and for a malformed one. */
export function decodeMessage(text: string): Message | undefined {
  const [letter, ...parts] = list(parse(text)) ?? [];
  try {
    return READERS.get(letter)?.(parts);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

class MalformedError extends Error {}

const READERS = new Map<unknown, (parts: readonly unknown[]) => Message>([
  [
    "f",
    ([from, asks]) => ({ kind: "follow", from: readText(from), asks: readEach(asks, readAsk) }),
  ],
  [
    "u",
    ([from, ids]) => ({ kind: "unfollow", from: readText(from), turnIds: readEach(ids, readText) }),
  ],
  [
    "e",
    ([turns, unknown]) => ({
      kind: "events",
      turns: readEach(turns, readTurnEvents),
      unknown: readEach(unknown, readText),
    }),
  ],
  ["s", ([turnId]) => ({ kind: "stop", turnId: readText(turnId) })],
  ["v", ([version]) => ({ kind: "settings", version: readNumber(version) })],
  [
    "a",
    ([from, announced, activities]) => ({
      kind: "activities",
      from: readText(from),
      announced: readNumber(announced),
      activities: readEach(activities, readActivity),
    }),
  ],
]);

function readAsk(value: unknown): Ask {
  const [turnId, after] = list(value) ?? [];
  return { turnId: readText(turnId), after: readNumber(after) };
}

function readTurnEvents(value: unknown): TurnEvents {
  const [turnId, after, hasStart, tokens, end] = list(value) ?? [];
  return {
    turnId: readText(turnId),
    after: readNumber(after),
    hasStart: hasStart === true,
    tokens: readEach(tokens, readText),
    end: end === null ? undefined : readFinalEvent(end),
  };
}

function readActivity(value: unknown): Activity {
  const [conversationId, kind] = list(value) ?? [];
  if (kind !== "question" && kind !== "answer" && kind !== "erased") throw new MalformedError();
  return { conversationId: readText(conversationId), kind };
}

function readFinalEvent(value: unknown): FinalEvent {
  const event: Record<string, unknown> = Object(value);
  if (event.type === "error") {
    return { type: "error", error: readText(event.error), code: readText(event.code) };
  }
  const finishReason = FINISH_REASONS.find((reason) => reason === event.finishReason);
  if (event.type !== "done" || finishReason === undefined) throw new MalformedError();
  return {
    type: "done",
    message: readText(event.message),
    conversationId: readText(event.conversationId),
    ...(event.usage === undefined ? {} : { usage: readUsage(event.usage) }),
    finishReason,
  };
}

function readUsage(value: unknown): TokenUsage {
  const { promptTokens, completionTokens, totalTokens }: Record<string, unknown> = Object(value);
  return {
    promptTokens: readNumber(promptTokens),
    completionTokens: readNumber(completionTokens),
    totalTokens: readNumber(totalTokens),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not one of ours.
    return undefined;
  }
}

function list(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function readEach<T>(value: unknown, read: (each: unknown) => T): T[] {
  const values = list(value);
  if (values === undefined) throw new MalformedError();
  return values.map(read);
}

function readText(value: unknown): string {
  if (typeof value !== "string") throw new MalformedError();
  return value;
}

function readNumber(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new MalformedError();
  return value;
}
