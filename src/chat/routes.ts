import { Elysia } from "elysia";

import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import { requireWidgetKey } from "../http/api-keys.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import { documented } from "../http/documented.ts";
import { readJsonBody } from "../http/json-body.ts";
import { leaveBody } from "../http/read-body.ts";
import { contextOf } from "../http/request-context.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Store } from "../store/store.ts";
import { answerError, TURN_ERRORS } from "../turns/final-event.ts";
import type { GenerationMode, Question } from "../turns/question.ts";
import type { Turn } from "../turns/turn.ts";
import { historyResponse } from "./history.ts";
import { MAX_ANSWERS_PER_SESSION, OpenAnswers } from "./open-answers.ts";
import {
  AskHeaders,
  AskStreamHeaders,
  ChatAnswer,
  ChatBody,
  ChatEventSchema,
  EmptyBody,
  HistoryQuery,
  MintedSessionSchema,
  ResumeHeaders,
  ResumeQuery,
  SessionHeaders,
  StoppedTurn,
  TurnParams,
  VisitorHistory,
} from "./schema.ts";
import type { ChatService } from "./service.ts";
import { isMintedSessionId, type SessionTokens } from "./session-tokens.ts";
import { chooseEncoder } from "./stream/format.ts";
import { emptyResponse, streamResponse } from "./stream/response.ts";

interface ChatRoutesDeps {
  readonly config: Pick<
    Config,
    | "widgetApiKeys"
    | "streamFormat"
    | "heartbeatIntervalMs"
    | "maxConcurrentTurns"
    | "maxStreamsPerAddress"
  >;
  readonly store: Store;
  readonly chat: ChatService;
  readonly sessions: SessionTokens;
  readonly metrics: Pick<Metrics, "streamsOpen">;
}

/** Everything a visitor's client can call. The guard stands first: routes are protected by position. */
export function chatRoutes({ config, store, chat, sessions, metrics }: ChatRoutesDeps) {
  const openAnswers = new OpenAnswers({
    maxInAll: READERS_PER_TURN * config.maxConcurrentTurns + MAX_ANSWERS_PER_SESSION,
    maxPerAddress: config.maxStreamsPerAddress,
    gauge: metrics.streamsOpen,
  });

  /** Lets the owner of a minted session pass and renews the token; bare ids need none (contract section 5). */
  function authorizeSession({ sessionId, headers, set }: SessionRequest): void {
    if (!isMintedSessionId(sessionId)) return;
    if (!sessions.isValid(sessionId, headers["x-session-token"] ?? "")) {
      throw new AppError("session_token_invalid");
    }
    set.headers["x-session-token"] = sessions.renew(sessionId).sessionToken;
  }

  /** A bare id gives no right to read anything back, so only a minted session passes. */
  function authorizeReading(request: SessionRequest): void {
    if (!isMintedSessionId(request.sessionId)) throw new AppError("session_token_invalid");
    authorizeSession(request);
  }

  /** A place to read an answer from; the function gives it back. */
  function enter(sessionId: string, request: Request): () => void {
    return openAnswers.enter({ networks: contextOf(request).networks, sessionId });
  }

  /** Asks with a place to read the answer from, because what nobody can read is not asked for. */
  async function ask(asked: SessionRequest & AskRequest, mode: "stream" | "json"): Promise<Asked> {
    authorizeSession(asked);
    const leave = enter(asked.sessionId, asked.request);
    try {
      const turn = await chat.ask(toQuestion(asked, mode));
      contextOf(asked.request).turnId = turn.id;
      return { turn, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async function askForStream(
    asked: SessionRequest & AskRequest & Connection,
    format: Format,
  ): Promise<Response> {
    const answer = (await findRepeated(asked)) ?? { ...(await ask(asked, "stream")), after: 0 };
    return streamTurn(answer, asked, format);
  }

  /**
   * The turn of a client that asks once more because its stream broke: the same Idempotency-Key, and the
   * last event that it has. One that asks for the first time, or names an event that the turn does not
   * have, is sent the answer from its beginning.
   */
  async function findRepeated(asked: SessionRequest & AskRequest) {
    const after = Number(asked.headers["last-event-id"] ?? 0);
    if (after === 0) return undefined;
    authorizeSession(asked);
    const turn = await chat.findAsked(toQuestion(asked, "stream"));
    if (!turn || turn.progressAfter(after) === "beyond the end") return undefined;
    contextOf(asked.request).turnId = turn.id;
    return { turn, after, leave: enter(asked.sessionId, asked.request) };
  }

  function streamTurn(
    { turn, after, leave }: Asked & { readonly after: number },
    { request, server }: Connection,
    format: Format,
  ): Response {
    const encoder = chooseEncoder(request.headers.get("accept"), format);
    const { heartbeatIntervalMs } = config;
    const { signal } = request;
    return neverTimeOut({ request, server }, (timeOutAgain) => {
      const onEnd = () => {
        leave();
        timeOutAgain();
      };
      return streamResponse({ turn, after, encoder, heartbeatIntervalMs, signal, onEnd });
    });
  }

  return new Elysia({ name: "chat", normalize: false })
    .onParse(leaveBody)
    .derive(requireWidgetKey(config.widgetApiKeys))
    .onTransform(readJsonBody)
    .post(
      "/v1/chat",
      async ({ body, headers, set, request, server }) => {
        const { turn, leave } = await ask({ ...body, headers, set, request }, "json");
        const event = await neverTimeOut({ request, server }, (timeOutAgain) =>
          turn.conclusion(request.signal).finally(timeOutAgain),
        ).finally(leave);
        if (event?.type !== "done") throw answerError(event?.code);
        const { conversationId, message, usage, finishReason } = event;
        const { id: turnId } = turn;
        return { conversationId, message, turnId, ...(usage ? { usage } : {}), finishReason };
      },
      {
        ...jsonBody,
        body: ChatBody,
        headers: AskHeaders,
        detail: documented({
          operationId: "ask",
          summary: "Ask, and get the whole answer",
          body: "json",
          tag: "chat",
          security: "widget",
          responses: {
            200: { description: "The answer", content: { "application/json": ChatAnswer } },
          },
          errors: [...ASK_ERRORS, ...TURN_ERRORS],
        }),
      },
    )
    .post(
      "/v1/chat/stream",
      ({ body, headers, set, request, server }) =>
        askForStream({ ...body, headers, set, request, server }, config.streamFormat),
      {
        ...jsonBody,
        body: ChatBody,
        headers: AskStreamHeaders,
        detail: documented({
          operationId: "askForStream",
          summary: "Ask, and get the answer as a stream of events",
          description: STREAM_DESCRIPTION,
          body: "json",
          tag: "chat",
          security: "widget",
          responses: { 200: STREAM_RESPONSE },
          errors: ASK_ERRORS,
        }),
      },
    )
    .post(
      "/chat",
      ({ body, headers, set, request, server }) =>
        askForStream({ ...body, headers, set, request, server }, "ndjson"),
      {
        ...jsonBody,
        body: ChatBody,
        headers: AskStreamHeaders,
        detail: documented({
          operationId: "askForStreamAsOpenChatWidget",
          summary: "The stream for clients of open-chat-widget: NDJSON by default",
          description: STREAM_DESCRIPTION,
          body: "json",
          tag: "chat",
          security: "widget",
          responses: { 200: STREAM_RESPONSE },
          errors: ASK_ERRORS,
        }),
      },
    )
    .get(
      "/v1/chat/stream/:turnId",
      async ({ params, query, headers, set, request, server }) => {
        const after = Number(headers["last-event-id"] ?? query.after ?? 0);
        const turn = await chat.findTurn(params.turnId);
        if (!turn) throw new AppError("not_found");
        authorizeSession({ sessionId: turn.sessionId, headers, set });
        contextOf(request).turnId = turn.id;
        const progress = turn.progressAfter(after);
        if (progress === "beyond the end") throw beyondTheEnd();
        // 204 tells an EventSource that there is nothing to reconnect for.
        if (progress === "nothing more") return new Response(null, { status: 204 });
        // A reader would keep the answer alive, and nobody reads the body of a HEAD.
        if (request.method === "HEAD") {
          return emptyResponse(chooseEncoder(request.headers.get("accept"), config.streamFormat));
        }
        const leave = enter(turn.sessionId, request);
        return streamTurn({ turn, after, leave }, { request, server }, config.streamFormat);
      },
      {
        params: TurnParams,
        query: ResumeQuery,
        headers: ResumeHeaders,
        detail: documented({
          operationId: "resumeTurn",
          summary: "Resume a turn: the events after the given one, then live",
          description:
            "A turn that ended a while ago is told from the database: as its whole text, or, to a " +
            "reader who has events already, as its last event.",
          tag: "chat",
          security: "widget",
          responses: {
            200: STREAM_RESPONSE,
            204: { description: "The turn has ended, and there is nothing after the given event" },
          },
          errors: ["invalid_request", "session_token_invalid", "not_found"],
        }),
      },
    )
    .post(
      "/v1/chat/stream/:turnId/stop",
      async ({ params, headers, set, request }) => {
        const turn = await chat.findTurn(params.turnId);
        if (!turn) throw new AppError("not_found");
        authorizeSession({ sessionId: turn.sessionId, headers, set });
        contextOf(request).turnId = turn.id;
        const event = await chat.stop(turn);
        const { id: turnId, conversationId } = turn;
        if (event?.type === "done") {
          const { message, finishReason } = event;
          return { turnId, conversationId, message, finishReason };
        }
        // It had failed before it could be stopped; that is how it ended, and no fault of this call.
        return { turnId, conversationId, message: turn.text(), code: event?.code };
      },
      {
        params: TurnParams,
        ...jsonBody,
        body: EmptyBody,
        headers: SessionHeaders,
        detail: documented({
          operationId: "stopTurn",
          summary: "Stop the answer; what was said so far is kept",
          body: "json",
          tag: "chat",
          security: "widget",
          responses: {
            200: {
              description: "How the answer ended, now or before",
              content: { "application/json": StoppedTurn },
            },
          },
          errors: ["invalid_request", "session_token_invalid", "not_found"],
        }),
      },
    )
    .post("/v1/sessions", () => sessions.mint(), {
      ...jsonBody,
      body: EmptyBody,
      detail: documented({
        operationId: "mintSession",
        summary: "Mint a session that only its token can continue, read or erase",
        body: "json",
        tag: "sessions",
        security: "widget",
        responses: {
          200: {
            description: "The session. Send its token as x-session-token; answers renew it.",
            content: { "application/json": MintedSessionSchema },
          },
        },
        errors: ["invalid_request"],
      }),
    })
    .get(
      "/v1/chat/history",
      ({ query: { sessionId }, headers, set, request, server }) => {
        authorizeReading({ sessionId, headers, set });
        const reader = {
          store,
          activeTurnId: () => chat.activeTurnId(sessionId),
          enter: () => enter(sessionId, request),
        };
        return historyResponse(reader, sessionId, { request, server });
      },
      {
        query: HistoryQuery,
        headers: SessionHeaders,
        detail: documented({
          operationId: "getHistory",
          summary: "The visitor's own messages, oldest first",
          tag: "sessions",
          security: "widget",
          responses: {
            200: {
              description:
                "The newest 500 messages, or 1 MB of their texts, and the turn under way",
              content: { "application/json": VisitorHistory },
            },
          },
          errors: ["invalid_request", "session_token_invalid"],
        }),
      },
    )
    .delete(
      "/v1/chat/history",
      async ({ query: { sessionId }, headers, set }) => {
        authorizeReading({ sessionId, headers, set });
        await chat.eraseSession(sessionId);
        set.status = 204;
      },
      {
        query: HistoryQuery,
        headers: SessionHeaders,
        detail: documented({
          operationId: "eraseHistory",
          summary: "Erase the visitor's conversation",
          body: "json",
          tag: "sessions",
          security: "widget",
          responses: { 204: { description: "Nothing of the conversation is left" } },
          errors: ["invalid_request", "session_token_invalid"],
        }),
      },
    );
}

/**
 * Says in the OpenAPI document that bodies are JSON. It parses nothing: leaveBody comes first and leaves
 * nothing to parse.
 */
const jsonBody = { parse: "json" } as const;

/** How many may follow an answer, on average, when as many as possible are under way; one visitor may have more. */
const READERS_PER_TURN = 2;

type Format = Config["streamFormat"];

/** A turn, and how its reader gives back the place that it was given. */
interface Asked {
  readonly turn: Turn;
  readonly leave: () => void;
}

interface SessionRequest {
  readonly sessionId: string;
  readonly headers: { readonly "x-session-token"?: string };
  readonly set: { headers: Record<string, string | number> };
}

interface AskRequest {
  readonly request: Request;
  readonly message: string;
  readonly headers: {
    readonly "x-session-token"?: string;
    readonly "idempotency-key"?: string;
    readonly "last-event-id"?: string;
  };
}

function toQuestion(asked: SessionRequest & AskRequest, mode: GenerationMode): Question {
  const { sessionId, message, headers, request } = asked;
  const idempotencyKey = headers["idempotency-key"];
  return { sessionId, message, idempotencyKey, mode, requestId: contextOf(request).id };
}

function beyondTheEnd(): AppError {
  const message = "is a number that no event of this turn has reached";
  return new AppError("invalid_request", { details: [{ path: "/after", message }] });
}

const ASK_ERRORS = [
  "invalid_request",
  "session_token_invalid",
  "turn_in_progress",
  "idempotency_conflict",
  "draining",
] as const;

const STREAM_DESCRIPTION =
  "Accept: text/event-stream or application/x-ndjson chooses the format; the events are the same. " +
  "A comment (SSE) or a blank line (NDJSON) keeps a silent stream alive. An Idempotency-Key joins or " +
  "replays the turn that it began, from its beginning or after the event that Last-Event-ID names.";

const STREAM_RESPONSE = {
  description:
    "The events of the turn, ended by `done` or `error`. The schema is that of the data of one event, and of one line.",
  content: { "text/event-stream": ChatEventSchema, "application/x-ndjson": ChatEventSchema },
};
