import { type AnyElysia, Elysia, t } from "elysia";

import type { Config } from "../config/config.ts";
import { requireMetricsKey } from "../http/api-keys.ts";
import { documented } from "../http/documented.ts";
import { EXPOSITION_MEDIA_TYPE } from "../metrics/exposition.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { usedShare } from "../spending/budget-state.ts";
import type { Spending } from "../spending/spending.ts";
import type { StoreHealth } from "../store/store.ts";
import { createKnowledgeGauges, type KnowledgeCounts } from "./knowledge-gauges.ts";

interface MetricsRoutesDeps {
  readonly config: Pick<Config, "keys" | "server" | "database">;
  readonly metrics: Metrics;
  readonly store: StoreHealth & KnowledgeCounts;
  readonly spending: Pick<Spending, "state">;
  readonly runningTurns: () => number;
}

/**
 * What Prometheus scrapes. Open in development. In production the route exists only when METRICS_KEY is
 * set, so that nobody publishes by accident how busy the site is.
 */
export function metricsRoutes(deps: MetricsRoutesDeps): AnyElysia {
  const { metrics: keys } = deps.config.keys;
  const plugin = new Elysia({ name: "metrics", normalize: false });
  if (keys.length === 0 && deps.config.server.environment === "production") return plugin;
  const isGuarded = keys.length > 0;
  const countKnowledge = createKnowledgeGauges(deps);
  return (isGuarded ? plugin.derive(requireMetricsKey(keys)) : plugin).get(
    "/metrics",
    async ({ set }) => {
      await Promise.all([readGauges(deps), readBudgets(deps), countKnowledge()]);
      set.headers["content-type"] = EXPOSITION_MEDIA_TYPE;
      return deps.metrics.write();
    },
    {
      detail: documented({
        operationId: "getMetrics",
        summary: "Metrics for Prometheus",
        tag: "operations",
        ...(isGuarded ? { security: "metrics" } : {}),
        responses: {
          200: {
            description: "The text format of Prometheus, version 0.0.4",
            content: { "text/plain": t.String() },
          },
        },
        errors: isGuarded ? [] : ["rate_limited"],
      }),
    },
  );
}

/** Sets the metrics whose values are read at the scrape. */
async function readGauges(deps: MetricsRoutesDeps): Promise<void> {
  const { config, metrics, store, runningTurns } = deps;
  const { user, system } = process.cpuUsage();
  metrics.cpu.set((user + system) / 1e6);
  metrics.residentMemory.set(process.memoryUsage.rss());
  metrics.startTime.set(performance.timeOrigin / 1000);
  metrics.databaseMaxBytes.set(config.database.maxBytes);
  metrics.turnsRunning.set(runningTurns());
  // When the database does not answer, the other metrics matter most, so they are returned all the same.
  const orNaN = (size: Promise<number>) => size.catch(() => Number.NaN);
  const sizes = [orNaN(store.sizeBytes()), orNaN(store.usedBytes())] as const;
  const [bytes, usedBytes] = await Promise.all(sizes);
  metrics.databaseBytes.set(bytes);
  metrics.databaseUsedBytes.set(usedBytes);
}

async function readBudgets({
  metrics,
  spending,
}: Pick<MetricsRoutesDeps, "metrics" | "spending">): Promise<void> {
  const state = await spending.state().catch(() => undefined);
  for (const period of ["day", "month"] as const) {
    metrics.budgetRatio.setOf(period, state ? usedShare(state[period]) : Number.NaN);
  }
}
