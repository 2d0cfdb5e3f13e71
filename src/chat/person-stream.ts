import { AppError } from "../errors.ts";
import { type Connection, neverTimeOut } from "../http/connection.ts";
import type { ConversationStore } from "../store/conversation-store.ts";
import type { EnterAnswer } from "./open-answers.ts";
import { personEncoder } from "./person-events.ts";
import { createPersonSource, type PersonSourceDeps } from "./person-reader.ts";
import type { PersonStreamHeaders, PersonStreamQuery } from "./schema.ts";
import type { SessionAccess, SessionRequest } from "./session-access.ts";
import type { StreamSettings } from "./stream/reading.ts";
import { emptyResponse, streamResponse } from "./stream/response.ts";

interface PersonStreamDeps extends PersonSourceDeps {
  readonly store: PersonSourceDeps["store"] &
    Pick<ConversationStore, "findConversationBySession" | "listMessages">;
  readonly settings: Pick<StreamSettings, "heartbeatIntervalMs">;
  readonly access: SessionAccess;
  readonly enter: EnterAnswer;
}

/** The parts of Elysia's context that the handler uses. */
interface PersonStreamContext extends Connection {
  readonly query: typeof PersonStreamQuery.static;
  readonly headers: typeof PersonStreamHeaders.static;
  readonly set: SessionRequest["set"];
}

/**
 * The handler of the stream that says what the owner does in a conversation: whether he is there, that he writes, and
 * his messages. Without an id, it begins with what comes now.
 */
export function createPersonStreamHandler(deps: PersonStreamDeps) {
  const { store, settings, access, enter } = deps;
  return async ({ query, headers, set, request, server }: PersonStreamContext) => {
    const { sessionId } = query;
    access.authorizeReading({ sessionId, headers, set });
    const conversation = await store.findConversationBySession(sessionId);
    if (!conversation) throw new AppError("not_found");
    if (request.method === "HEAD") return emptyResponse(personEncoder);
    const named = headers["last-event-id"] ?? query.after;
    const newest = async () => (await store.listMessages(conversation.id, 1)).at(-1)?.id ?? 0;
    const after = named === undefined ? await newest() : Number(named);
    const leave = enter(sessionId, request);
    return neverTimeOut({ request, server }, (timeOutAgain) =>
      streamResponse({
        source: createPersonSource(deps, conversation),
        after,
        encoder: personEncoder,
        heartbeatIntervalMs: settings.heartbeatIntervalMs,
        signal: request.signal,
        onEnd: () => {
          leave();
          timeOutAgain();
        },
      }),
    );
  };
}
