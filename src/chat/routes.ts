import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { requireWidgetKey } from "../http/api-keys.ts";
import { readJsonBody } from "../http/json-body.ts";
import type { RateLimiter } from "../http/rate-limiter.ts";
import { leaveBody } from "../http/read-body.ts";
import { contextOf } from "../http/request-context.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Ratings } from "../people/ratings.ts";
import type { Requests } from "../people/requests.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { TurnStore } from "../store/turn-store.ts";
import { createAskForPersonHandler } from "./ask-for-person.ts";
import { createAskHandlers } from "./ask.ts";
import * as documents from "./documents.ts";
import { createHistoryHandlers } from "./history.ts";
import { type EnterAnswer, maxAnswersInAll, OpenAnswers } from "./open-answers.ts";
import { createRateHandler } from "./rate.ts";
import { createTurnHandlers } from "./resume-and-stop.ts";
import {
  AskHeaders,
  AskStreamHeaders,
  ChatBody,
  EmptyBody,
  HistoryQuery,
  PersonRequestBody,
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
  readonly store: ConversationStore & Pick<TurnStore, "findTurn">;
  readonly chat: ChatService;
  readonly ratings: Ratings;
  readonly requests: Requests;
  readonly limiter: RateLimiter;
  readonly sessions: SessionTokens;
  readonly metrics: Pick<Metrics, "streamsOpen">;
}

/** Everything a visitor's client can call. The guard comes first and protects every route after it. */
export function chatRoutes(deps: ChatRoutesDeps) {
  const { config, store, chat, ratings, requests, sessions, metrics, limiter } = deps;
  const openAnswers = new OpenAnswers({
    maxInAll: maxAnswersInAll(config.turns.maxConcurrentTurns),
    maxPerAddress: () => config.limits.maxStreamsPerAddress,
    gauge: metrics.streamsOpen,
  });
  const enter: EnterAnswer = (sessionId, request) =>
    openAnswers.enter({ networks: contextOf(request).networks, sessionId });
  const access = createSessionAccess(sessions);
  const asks = createAskHandlers({ settings: config.turns, chat, access, enter });
  const turns = createTurnHandlers({ settings: config.turns, chat, access, enter });
  const history = createHistoryHandlers({ store, chat, requests, access, enter });

  return new Elysia({ name: "chat", normalize: false })
    .onParse(leaveBody)
    .derive(requireWidgetKey(() => config.keys.widget))
    .onTransform(readJsonBody)
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
    .post("/v1/chat/requests", createAskForPersonHandler({ store, requests, access, limiter }), {
      ...json,
      body: PersonRequestBody,
      headers: SessionHeaders,
      detail: documents.askForPerson,
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

/**
 * Makes the OpenAPI document say that bodies are JSON. It never parses a body, because leaveBody comes first
 * and leaves nothing to parse.
 */
const json = { parse: "json" } as const;
