import type { KnownReplica } from "../../peers/peers.ts";
import { formatCount, formatMegabytes, timeElement } from "../formats.ts";
import { type Html, html } from "../html.ts";

/** The part of the setup page that names the replicas, and says whether they hear each other. */
export function replicasSection(replicas: readonly KnownReplica[], databaseBytes: number): Html {
  const count = formatCount(replicas.length, "replica");
  const share = replicas.length === 1 ? "uses" : "share";
  const self = replicas.find(({ isSelf }) => isSelf);
  const isBusDown = self?.isReached === false;
  return html`<section class="card">
    <h2>Replicas</h2>
    <p>
      ${count} ${share} a PostgreSQL database of ${formatMegabytes(databaseBytes)}.
      ${describeBus(self?.isReached)}
    </p>
    <dl class="settings replicas">${replicas.map((replica) => replicaRow(replica, isBusDown))}</dl>
  </section>`;
}

function describeBus(isUp: boolean | undefined): string {
  if (isUp === undefined) {
    return "Without REDIS_URL, they meet in the database only: a stop by way of another replica takes up to two seconds.";
  }
  if (isUp) return "Redis connects them.";
  return "This one does not reach Redis: until it does, it meets the others in the database only, and counts the rate limits alone.";
}

function replicaRow(replica: KnownReplica, isBusDown: boolean): Html {
  const { host, id, version, startedAt, isSelf, isReached } = replica;
  // While the bus is down nobody is reached, which the text above says.
  const isDeaf = isReached === false && !isBusDown;
  return html`<div>
    <dt>${host} <code>${id}</code></dt>
    <dd>
      chatporch ${version}, since ${timeElement(startedAt)}
      ${isSelf && html`<span class="badge">this one</span>`}
      ${isDeaf && html`<span class="badge failed">does not hear this one</span>`}
    </dd>
  </div>`;
}
