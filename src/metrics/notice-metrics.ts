import { NOTICE_CHANNELS } from "../conversation/notice-kinds.ts";
import { Counter } from "./counter.ts";
import { Gauge } from "./gauge.ts";
import type { Metrics } from "./metrics.ts";

const RESULTS = ["delivered", "retried", "given_up"];

/** What only a server with a channel for notices has. Creating them adds them to the metrics that are shown. */
export class NoticeMetrics {
  readonly notices = new Counter({
    name: "chatporch_notices_total",
    help: "Attempts to send a notice to the owner, by channel and result: delivered, retried or given_up.",
    labels: ["channel", "result"],
  });
  readonly waiting = new Gauge({
    name: "chatporch_notices_waiting",
    help: "Notices that are not sent yet, of all servers on the database. Counted every quarter of a minute.",
  });

  constructor(metrics: Pick<Metrics, "show">) {
    for (const channel of NOTICE_CHANNELS) {
      for (const result of RESULTS) this.notices.add(0, { channel, result });
    }
    metrics.show([this.notices, this.waiting]);
  }
}
