import type { FinalEvent } from "../conversation/events.ts";
import { AppError } from "../errors.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import { contextOf } from "../http/request-context.ts";
import type { RequireProof } from "../proof/require-proof.ts";
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
  readonly requireProof: RequireProof;
  readonly enter: EnterAnswer;
}

/** The parts of Elysia's context that the handlers use. */
interface AskContext extends Connection, Pick<SessionRequest, "set"> {
  readonly body: typeof ChatBody.static;
  readonly headers: typeof AskHeaders.static;
}

interface AskStreamContext extends AskContext {
  readonly headers: typeof AskStreamHeaders.static;
}

/**
 * The handlers of the routes that ask. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createAskHandlers(deps: AskHandlersDeps) {
  const { settings, chat, access, requireProof, enter } = deps;

  /** Takes a reader's place before it asks: without a place, nobody could read the answer. */
  async function ask(
    question: Question,
    { headers, request }: Pick<AskContext, "headers" | "request">,
  ): Promise<Omit<Reading, "after">> {
    await requireProof(request, question.sessionId, headers["x-proof"]);
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
   * The turn of a client that repeats its question because its stream broke. It sends the same Idempotency-Key
   * and the number of its last event. Undefined for a first question, and for an event that the turn does not
   * have: then the answer is sent from its beginning.
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
    const reading = repeated ?? { ...(await ask(question, { headers, request })), after: 0 };
    return streamToReader(reading, { request, server }, settings);
  }

  return {
    whole: async ({ body, headers, set, request, server }: AskContext) => {
      access.authorize({ sessionId: body.sessionId, headers, set });
      const question = toQuestion({ body, headers, request }, "json");
      const { turn, leave } = await ask(question, { headers, request });
      const event = await neverTimeOut({ request, server }, (timeOutAgain) =>
        turn.conclusion(request.signal).finally(timeOutAgain),
      ).finally(leave);
      // Another replica goes on with the answer, and this one, which leaves, cannot wait for it.
      if (event === undefined && !request.signal.aborted) throw new AppError("draining");
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
  const languages = request.headers.get("accept-language") ?? undefined;
  const { id: requestId, original, isProgram, networks: clients } = contextOf(request);
  const networks = isProgram ? undefined : clients;
  return { sessionId, message, original, idempotencyKey, mode, languages, networks, requestId };
}

/** @throws AppError with the reason why there is no answer */
function toAnswer({ id: turnId, question }: Turn, event: FinalEvent | undefined) {
  if (event?.type !== "done") throw answerError(event?.code);
  const { type: _, conversationId, message, ...rest } = event;
  return { conversationId, message, turnId, ...(question && { question }), ...rest };
}
