import { Elysia, t } from "elysia";

import { AppError, storeUnavailable } from "../errors.ts";
import { documented } from "../http/documented.ts";
import type { Peers } from "../peers/peers.ts";
import type { StoreHealth } from "../store/store.ts";

interface HealthDeps {
  /** True once the server is shutting down, although it may still take questions. */
  readonly isLeaving: () => boolean;
  readonly store: Pick<StoreHealth, "ping">;
  readonly peers: Pick<Peers, "ping">;
}

const Status = t.Object({ status: t.Literal("ok") }, { title: "Health" });

/** For monitoring and load balancers: whether the process is alive, and whether it should get traffic. */
export function healthRoutes({ isLeaving, store, peers }: HealthDeps) {
  return new Elysia({ name: "health" })
    .get(
      "/health",
      ({ set }) => {
        // The widget reads this without CORS, to learn whether its website is refused or the server is down.
        set.headers["cross-origin-resource-policy"] = "cross-origin";
        return { status: "ok" as const };
      },
      {
        detail: documented({
          operationId: "getHealth",
          summary: "The process is alive",
          tag: "operations",
          responses: { 200: { description: "Alive", content: { "application/json": Status } } },
          errors: [],
        }),
      },
    )
    .get(
      "/ready",
      async () => {
        if (isLeaving()) throw new AppError("draining");
        try {
          await Promise.all([store.ping(), peers.ping()]);
        } catch (cause) {
          throw storeUnavailable(cause);
        }
        return { status: "ok" as const };
      },
      {
        detail: documented({
          operationId: "getReadiness",
          summary: "The server takes questions",
          tag: "operations",
          responses: { 200: { description: "Ready", content: { "application/json": Status } } },
          errors: ["draining", "store_unavailable"],
        }),
      },
    );
}
