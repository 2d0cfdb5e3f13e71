import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { requireChatKey } from "../http/api-keys.ts";
import { readJsonBody } from "../http/json-body.ts";
import type { RateLimiter } from "../http/rate-limiter.ts";
import { leaveBody } from "../http/read-body.ts";
import { contextOf } from "../http/request-context.ts";
import type { Gauge } from "../metrics/gauge.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Ratings } from "../people/ratings.ts";
import type { Requests } from "../people/requests.ts";
import type { RequireProof } from "../proof/require-proof.ts";
import type { RedactionInForce } from "../redaction/redaction.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { TakeoverStore } from "../store/takeover-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import { createAskForPersonHandler } from "./ask-for-person.ts";
import { createAskHandlers } from "./ask.ts";
import * as documents from "./documents.ts";
import { createHistoryHandlers } from "./history.ts";
import { type EnterAnswer, maxAnswersInAll, OpenAnswers } from "./open-answers.ts";
import { createPersonStreamHandler } from "./person-stream.ts";
import { createRateHandler } from "./rate.ts";
import { redactTexts } from "./redact-texts.ts";
import { createTurnHandlers } from "./resume-and-stop.ts";
import {
  AskHeaders,
  AskStreamHeaders,
  ChatBody,
  EmptyBody,
  HistoryQuery,
  PersonRequestBody,
  PersonStreamHeaders,
  PersonStreamQuery,
  RatingBody,
  ResumeHeaders,
  ResumeQuery,
  SessionHeaders,
  TurnParams,
} from "./schema.ts";
import type { ChatService } from "./service.ts";
import { createSessionAccess } from "./session-access.ts";
import type { SessionTokens } from "./session-tokens.ts";

interface ChatRoutesDeps {
  readonly config: Pick<Config, "keys" | "turns" | "limits">;
  readonly store: ConversationStore &
    Pick<TurnStore, "findTurn"> &
    Pick<TakeoverStore, "findTakeover" | "ownerMessagesAfter">;
  readonly chat: ChatService;
  readonly ratings: Ratings;
  readonly requests: Requests;
  readonly limiter: RateLimiter;
  readonly redaction: RedactionInForce;
  readonly sessions: SessionTokens;
  readonly requireProof: RequireProof;
  readonly metrics: Pick<Metrics, "streamsOpen" | "personStreamsOpen">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Everything a visitor's client can call. The guard comes first and protects every route after it. */
export function chatRoutes(deps: ChatRoutesDeps) {
  const { config, store, chat, ratings, requests, sessions, metrics, limiter, now } = deps;
  const { requireProof, redaction } = deps;
  const enter = createPlaces(config, metrics.streamsOpen);
  // Of their own: visitors who wait for the owner must not take the places of answers.
  const enterPersonStream = createPlaces(config, metrics.personStreamsOpen);
  const access = createSessionAccess(sessions);
  const asks = createAskHandlers({ settings: config.turns, chat, access, requireProof, enter });
  const turns = createTurnHandlers({ settings: config.turns, chat, access, enter });
  const history = createHistoryHandlers({ store, chat, requests, access, enter });
  const readPersonEvents = createPersonStreamHandler({
    store,
    requests,
    followers: chat.followers,
    now,
    settings: config.turns,
    access,
    enter: enterPersonStream,
  });

  return new Elysia({ name: "chat", normalize: false })
    .onParse(leaveBody)
    .derive(requireChatKey(() => config.keys))
    .onTransform(readJsonBody)
    .onBeforeHandle(redactTexts(redaction))
    .post("/v1/chat", asks.whole, {
      ...json,
      body: ChatBody,
      headers: AskHeaders,
      detail: documents.askWhole,
    })
    .post("/v1/chat/stream", asks.stream, {
      ...json,
      body: ChatBody,
      headers: AskStreamHeaders,
      detail: documents.askStream,
    })
    .post("/chat", asks.ndjson, {
      ...json,
      body: ChatBody,
      headers: AskStreamHeaders,
      detail: documents.askNdjson,
    })
    .get("/v1/chat/stream/:turnId", turns.resume, {
      params: TurnParams,
      query: ResumeQuery,
      headers: ResumeHeaders,
      detail: documents.resumeTurn,
    })
    .post("/v1/chat/stream/:turnId/stop", turns.stop, {
      ...json,
      params: TurnParams,
      body: EmptyBody,
      headers: SessionHeaders,
      detail: documents.stopTurn,
    })
    .put("/v1/chat/turns/:turnId/rating", createRateHandler({ store, ratings, access }), {
      ...json,
      params: TurnParams,
      body: RatingBody,
      headers: SessionHeaders,
      detail: documents.rateTurn,
    })
    .post(
      "/v1/chat/requests",
      createAskForPersonHandler({ store, chat, requests, access, limiter, now }),
      {
        ...json,
        body: PersonRequestBody,
        headers: SessionHeaders,
        detail: documents.askForPerson,
      },
    )
    .get("/v1/chat/events", readPersonEvents, {
      query: PersonStreamQuery,
      headers: PersonStreamHeaders,
      detail: documents.readPersonEvents,
    })
    .post("/v1/sessions", () => sessions.mint(), {
      ...json,
      body: EmptyBody,
      detail: documents.mintSession,
    })
    .get("/v1/chat/history", history.read, {
      query: HistoryQuery,
      headers: SessionHeaders,
      detail: documents.readHistory,
    })
    .delete("/v1/chat/history", history.erase, {
      query: HistoryQuery,
      headers: SessionHeaders,
      detail: documents.eraseHistory,
    });
}

function createPlaces(
  { turns, limits }: Pick<Config, "turns" | "limits">,
  gauge: Pick<Gauge, "set">,
): EnterAnswer {
  const places = new OpenAnswers({
    maxInAll: maxAnswersInAll(turns.maxConcurrentTurns),
    maxPerAddress: () => limits.maxStreamsPerAddress,
    gauge,
  });
  return (sessionId, request) => places.enter({ networks: contextOf(request).networks, sessionId });
}

/**
 * Makes the OpenAPI document say that bodies are JSON. It never parses a body, because leaveBody comes first
 * and leaves nothing to parse.
 */
const json = { parse: "json" } as const;
