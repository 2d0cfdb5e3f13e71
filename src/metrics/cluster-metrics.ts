import { Counter } from "./counter.ts";
import { Gauge } from "./gauge.ts";
import type { Metrics } from "./metrics.ts";

/** What only a server with other replicas has. Creating them adds them to the metrics that are shown. */
export class ClusterMetrics {
  readonly busUp = new Gauge({
    name: "chatporch_bus_up",
    help: "Whether messages between replicas get through: 1 or 0.",
  });
  readonly beats = new Counter({
    name: "chatporch_replica_beats_total",
    help: "Signs of life of this replica, by whether the database took them.",
    labels: ["outcome"],
  });
  readonly alive = new Gauge({
    name: "chatporch_replicas_alive",
    help: "Replicas on the database that are not declared dead, this one included.",
  });
  readonly buried = new Counter({
    name: "chatporch_replicas_buried_total",
    help: "Replicas that this one has declared dead.",
    labels: [],
  });
  readonly followed = new Gauge({
    name: "chatporch_turns_followed",
    help: "Answers of other replicas that are read here.",
  });
  readonly served = new Gauge({
    name: "chatporch_followers_served",
    help: "Answers of this replica that other replicas read, once for each of them.",
  });

  constructor(metrics: Pick<Metrics, "show">) {
    for (const outcome of ["ok", "failed", "fenced"]) this.beats.add(0, { outcome });
    this.buried.add(0, {});
    metrics.show([this.busUp, this.beats, this.alive, this.buried, this.followed, this.served]);
  }
}
