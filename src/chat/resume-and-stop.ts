import { AppError, invalidRequest } from "../errors.ts";
import type { Connection } from "../http/connection.ts";
import { contextOf } from "../http/request-context.ts";
import type { Turn } from "../turns/turn.ts";
import type { EnterAnswer } from "./open-answers.ts";
import type { ResumeHeaders, ResumeQuery, SessionHeaders, TurnParams } from "./schema.ts";
import type { ChatService } from "./service.ts";
import type { SessionAccess, SessionRequest } from "./session-access.ts";
import { chooseEncoder } from "./stream/format.ts";
import { type StreamSettings, streamToReader } from "./stream/reading.ts";
import { emptyResponse } from "./stream/response.ts";

interface TurnHandlersDeps {
  readonly settings: StreamSettings;
  readonly chat: Pick<ChatService, "findTurn" | "stop">;
  readonly access: SessionAccess;
  readonly enter: EnterAnswer;
}

/** The parts of Elysia's context that the handlers use. */
interface StopContext extends Pick<SessionRequest, "set"> {
  readonly params: typeof TurnParams.static;
  readonly headers: typeof SessionHeaders.static;
  readonly request: Request;
}

interface ResumeContext extends StopContext, Connection {
  readonly query: typeof ResumeQuery.static;
  readonly headers: typeof ResumeHeaders.static;
}

/**
 * The handlers of the routes that name a turn. Each destructures its context in the parameter list,
 * because Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createTurnHandlers({ settings, chat, access, enter }: TurnHandlersDeps) {
  /** @throws AppError not_found, session_token_invalid */
  async function find({ params, headers, set, request }: StopContext): Promise<Turn> {
    const turn = await chat.findTurn(params.turnId);
    if (!turn) throw new AppError("not_found");
    access.authorize({ sessionId: turn.sessionId, headers, set });
    contextOf(request).turnId = turn.id;
    return turn;
  }

  return {
    resume: async ({ params, query, headers, set, request, server }: ResumeContext) => {
      const after = Number(headers["last-event-id"] ?? query.after ?? 0);
      const turn = await find({ params, headers, set, request });
      const progress = turn.progressAfter(after);
      if (progress === "beyond the end") throw beyondTheEnd();
      // A 204 makes an EventSource stop reconnecting.
      if (progress === "nothing more") return new Response(null, { status: 204 });
      // No reader joins the turn: it would keep the answer alive, although nobody reads the body of a HEAD.
      if (request.method === "HEAD") {
        return emptyResponse(chooseEncoder(request.headers.get("accept"), settings.streamFormat));
      }
      const leave = enter(turn.sessionId, request);
      return streamToReader({ turn, after, leave }, { request, server }, settings);
    },
    stop: async ({ params, headers, set, request }: StopContext) => {
      const turn = await find({ params, headers, set, request });
      const event = await chat.stop(turn);
      // Another replica stops the answer, and this one, which leaves, cannot wait for that.
      if (event === undefined) throw new AppError("draining");
      const { id: turnId, conversationId } = turn;
      if (event.type === "done") {
        const { message, finishReason } = event;
        return { turnId, conversationId, message, finishReason };
      }
      // The turn failed before the stop. The call succeeds and reports how the turn ended.
      return { turnId, conversationId, message: turn.text(), code: event.code };
    },
  };
}

function beyondTheEnd(): AppError {
  return invalidRequest("/after", "is a number that no event of this turn has reached");
}
