import { AppError } from "../errors.ts";
import { contextOf } from "../http/request-context.ts";
import type { Ratings } from "../people/ratings.ts";
import type { TurnStore } from "../store/turn-store.ts";
import type { RatingBody, SessionHeaders, TurnParams } from "./schema.ts";
import type { SessionAccess, SessionRequest } from "./session-access.ts";

interface RateHandlerDeps {
  readonly store: Pick<TurnStore, "findTurn">;
  readonly ratings: Ratings;
  readonly access: SessionAccess;
}

/** The parts of Elysia's context that the handler uses. */
interface RateContext {
  readonly params: typeof TurnParams.static;
  readonly body: typeof RatingBody.static;
  readonly headers: typeof SessionHeaders.static;
  readonly request: Request;
  readonly set: SessionRequest["set"] & { status?: number | string };
}

/**
 * The handler of a rating, for whoever may read the turn. It destructures its context in the parameter list, because
 * Elysia reads a handler's source to see which parts of the context it needs.
 */
export function createRateHandler({ store, ratings, access }: RateHandlerDeps) {
  return async ({ params, body, headers, set, request }: RateContext) => {
    ratings.refuseIfOff();
    const turn = await store.findTurn(params.turnId);
    if (turn === undefined) throw new AppError("not_found");
    access.authorize({ sessionId: turn.sessionId, headers, set });
    contextOf(request).turnId = turn.turnId;
    await ratings.rate(turn, body);
    set.status = 204;
  };
}
