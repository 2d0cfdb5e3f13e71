import { ACTIVITIES, type Activity } from "../conversation/activity.ts";
import {
  type DoneEvent,
  type FinalEvent,
  HANDOFF_REASONS,
  type HandoffEvent,
  type ShownSource,
} from "../conversation/events.ts";
import { FINISH_REASONS, GROUNDINGS, type TokenUsage } from "../conversation/records.ts";
import type { SharedState } from "../store/cluster-store.ts";
import { type Ask, type Message, type TurnEvents, VERSION_LETTERS } from "./messages.ts";

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
  ["t", ([conversationId]) => ({ kind: "typing", conversationId: readText(conversationId) })],
  [VERSION_LETTERS.settings, readVersion("settings")],
  [VERSION_LETTERS.knowledge, readVersion("knowledge")],
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

function readVersion(of: SharedState) {
  return ([version]: readonly unknown[]): Message => ({
    kind: "version",
    of,
    version: readNumber(version),
  });
}

function readAsk(value: unknown): Ask {
  const [turnId, after] = list(value) ?? [];
  return { turnId: readText(turnId), after: readNumber(after) };
}

function readTurnEvents(value: unknown): TurnEvents {
  const [turnId, after, hasStart, tokens, end, sources] = list(value) ?? [];
  const handoff = readHandoff(end);
  // An empty token stands in the place of the sources, and of the handoff (messages.ts).
  const texts = readEach(tokens, readText).slice(
    sources === undefined ? 0 : 1,
    handoff === undefined ? undefined : -1,
  );
  return {
    turnId: readText(turnId),
    after: readNumber(after),
    hasStart: hasStart === true,
    ...(sources === undefined ? {} : { sources: readEach(sources, readSource) }),
    tokens: texts,
    ...(handoff === undefined ? {} : { handoff }),
    end: end === null ? undefined : readFinalEvent(end),
  };
}

function readHandoff(end: unknown): HandoffEvent | undefined {
  const reason = HANDOFF_REASONS.find((each) => each === Object(end).handoff);
  return reason === undefined ? undefined : { type: "handoff", reason };
}

function readActivity(value: unknown): Activity {
  const [conversationId, kind] = list(value) ?? [];
  const known = ACTIVITIES.find((each) => each === kind);
  if (known === undefined) throw new MalformedError();
  return { conversationId: readText(conversationId), kind: known };
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
    ...readGrounding(event),
  };
}

function readGrounding(event: Record<string, unknown>): Pick<DoneEvent, "sources" | "grounding"> {
  const grounding = GROUNDINGS.find((each) => each === event.grounding);
  return {
    ...(event.sources === undefined ? {} : { sources: readEach(event.sources, readSource) }),
    ...(grounding === undefined ? {} : { grounding }),
  };
}

function readSource(value: unknown): ShownSource {
  const { number, title, heading, url }: Record<string, unknown> = Object(value);
  return {
    number: readNumber(number),
    title: readText(title),
    ...(heading === undefined ? {} : { heading: readText(heading) }),
    ...(url === undefined ? {} : { url: readText(url) }),
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
