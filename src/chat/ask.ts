import type { FinalEvent } from "../conversation/events.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import { contextOf } from "../http/request-context.ts";
import { answerError } from "../turns/final-event.ts";
import type { GenerationMode, Question } from "../turns/question.ts";
import type { Turn } from "../turns/turn.ts";
import type { EnterAnswer } from "./open-answers.ts";
import type { AskHeaders, AskStreamHeaders, ChatBody } from "./schema.ts";
import type { ChatService } from "./service.ts";
import type { SessionAccess, SessionRequest } from "./session-access.ts";
import { type Reading, type StreamSettings, streamToReader } from "./stream/reading.ts";

interface AskHandlersDeps {
  readonly settings: StreamSettings;
  readonly chat: Pick<ChatService, "ask" | "findAsked">;
  readonly access: SessionAccess;
  readonly enter: EnterAnswer;
}

/** What the handlers take of Elysia's context. */
interface AskContext extends Connection, Pick<SessionRequest, "set"> {
  readonly body: typeof ChatBody.static;
  readonly headers: typeof AskHeaders.static;
}

interface AskStreamContext extends AskContext {
  readonly headers: typeof AskStreamHeaders.static;
}

/**
 * The handlers of the routes that ask. They destructure their context in place: Elysia reads in their text
 * what they need of it.
 */
export function createAskHandlers({ settings, chat, access, enter }: AskHandlersDeps) {
  /** Asks with a place to read the answer from, because what nobody can read is not asked for. */
  async function ask(question: Question, request: Request): Promise<Omit<Reading, "after">> {
    const leave = enter(question.sessionId, request);
    try {
      const turn = await chat.ask(question);
      contextOf(request).turnId = turn.id;
      return { turn, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * The turn of a client that asks once more because its stream broke: the same Idempotency-Key, and the
   * last event that it has. One that asks for the first time, or names an event that the turn does not
   * have, is sent the answer from its beginning.
   */
  async function findRepeated(
    question: Question,
    after: number,
    request: Request,
  ): Promise<Reading | undefined> {
    if (after === 0) return undefined;
    const turn = await chat.findAsked(question);
    if (!turn || turn.progressAfter(after) === "beyond the end") return undefined;
    contextOf(request).turnId = turn.id;
    return { turn, after, leave: enter(question.sessionId, request) };
  }

  async function askForStream(
    { body, headers, set, request, server }: AskStreamContext,
    settings: StreamSettings,
  ): Promise<Response> {
    access.authorize({ sessionId: body.sessionId, headers, set });
    const question = toQuestion({ body, headers, request }, "stream");
    const after = Number(headers["last-event-id"] ?? 0);
    const repeated = await findRepeated(question, after, request);
    const reading = repeated ?? { ...(await ask(question, request)), after: 0 };
    return streamToReader(reading, { request, server }, settings);
  }

  return {
    whole: async ({ body, headers, set, request, server }: AskContext) => {
      access.authorize({ sessionId: body.sessionId, headers, set });
      const { turn, leave } = await ask(toQuestion({ body, headers, request }, "json"), request);
      const event = await neverTimeOut({ request, server }, (timeOutAgain) =>
        turn.conclusion(request.signal).finally(timeOutAgain),
      ).finally(leave);
      return toAnswer(turn, event);
    },
    stream: ({ body, headers, set, request, server }: AskStreamContext) =>
      askForStream({ body, headers, set, request, server }, settings),
    ndjson: ({ body, headers, set, request, server }: AskStreamContext) =>
      askForStream(
        { body, headers, set, request, server },
        { ...settings, streamFormat: "ndjson" },
      ),
  };
}

function toQuestion(
  { body, headers, request }: Pick<AskContext, "body" | "headers" | "request">,
  mode: GenerationMode,
): Question {
  const { sessionId, message } = body;
  const idempotencyKey = headers["idempotency-key"];
  return { sessionId, message, idempotencyKey, mode, requestId: contextOf(request).id };
}

/** @throws AppError why there is no answer */
function toAnswer({ id: turnId }: Turn, event: FinalEvent | undefined) {
  if (event?.type !== "done") throw answerError(event?.code);
  const { conversationId, message, usage, finishReason } = event;
  return { conversationId, message, turnId, ...(usage ? { usage } : {}), finishReason };
}
