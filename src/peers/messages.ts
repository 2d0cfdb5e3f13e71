import type { Activity } from "../conversation/activity.ts";
import type { FinalEvent, HandoffEvent, ShownSource } from "../conversation/events.ts";
import type { SharedState } from "../store/cluster-store.ts";
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
  /** The owner is writing in this conversation. */
  | { readonly kind: "typing"; readonly conversationId: string }
  /** The sender has stored this version. */
  | { readonly kind: "version"; readonly of: SharedState; readonly version: number }
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
  /** The event after the start and before the first token, if it is one of these. */
  readonly sources?: readonly ShownSource[] | undefined;
  readonly tokens: readonly string[];
  /** The event between the last token and the end, if there is one. It never comes without the end. */
  readonly handoff?: HandoffEvent | undefined;
  readonly end: FinalEvent | undefined;
}

export function toTurnEvents(turnId: string, { after, events }: EventBatch): TurnEvents {
  const tokens: string[] = [];
  let hasStart = false;
  let sources: readonly ShownSource[] | undefined;
  let handoff: HandoffEvent | undefined;
  let end: FinalEvent | undefined;
  for (const event of events) {
    if (event.type === "token") tokens.push(event.token);
    else if (event.type === "start") hasStart = true;
    else if (event.type === "sources") sources = event.sources;
    else if (event.type === "handoff") handoff = event;
    else end = event;
  }
  return { turnId, after, hasStart, sources, tokens, handoff, end };
}

export const VERSION_LETTERS: Readonly<Record<SharedState, string>> = {
  settings: "v",
  knowledge: "k",
};

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
    case "typing":
      return write("t", message.conversationId);
    case "version":
      return write(VERSION_LETTERS[message.of], message.version);
    case "activities":
      return write("a", message.from, message.announced, message.activities.map(toPair));
  }
}

function write(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/**
 * Earlier versions know no sources and no handoff, and count events by the tokens, so an empty token stands in the place
 * of either: a reader there gets an event without text, and every other event under its number.
 */
function toList({ turnId, after, hasStart, sources, tokens, handoff, end }: TurnEvents) {
  const texts = handoff === undefined ? tokens : [...tokens, ""];
  const last = end === undefined ? null : { ...end, handoff: handoff?.reason };
  if (sources === undefined) return [turnId, after, hasStart, texts, last];
  return [turnId, after, hasStart, ["", ...texts], last, sources];
}

function toPair({ conversationId, kind }: Activity) {
  return [conversationId, kind];
}
