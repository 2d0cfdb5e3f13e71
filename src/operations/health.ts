import { Elysia, t } from "elysia";

import { AppError } from "../errors.ts";
import { documented } from "../http/documented.ts";

interface HealthDeps {
  /** True once the server takes no more questions. */
  readonly isDraining: () => boolean;
  /** Resolves when the store answers. */
  readonly pingStore: () => Promise<void>;
}

const Status = t.Object({ status: t.Literal("ok") }, { title: "Health" });

/** For monitoring and load balancers: whether the process is alive, and whether it should get traffic. */
export function healthRoutes({ isDraining, pingStore }: HealthDeps) {
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
        if (isDraining()) throw new AppError("draining");
        try {
          await pingStore();
        } catch (cause) {
          throw new AppError("store_unavailable", { cause });
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
