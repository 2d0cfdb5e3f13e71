import type { BusRefusal, BusState } from "../peers/bus-state.ts";
import { oldServerAdvice } from "../peers/old-server.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "Redis";
/** Beyond this share of its memory, a server that evicts nothing soon refuses to count. */
const SCARCE_SHARE = 0.8;

/**
 * Checks whether the server that connects the replicas can do it.
 * @param place where it is, as it may be shown
 */
export async function checkBus(
  place: string,
  inspect: () => Promise<BusState>,
): Promise<Finding[]> {
  let state: BusState;
  try {
    state = await inspect();
  } catch (error) {
    return [unreachable(place, error instanceof Error ? error.message : String(error))];
  }
  return judge(place, state);
}

function judge(place: string, state: BusState): Finding[] {
  const findings = state.refusals.map((refusal) => judgeRefusal(place, refusal));
  const old = oldServerAdvice(state);
  if (old !== undefined) findings.push(wrong(old.says, old.mend));
  if (!state.isHeard && state.refusals.length === 0) {
    const mend =
      "Is REDIS_URL the address of one server, and not of a cluster or of several proxies?";
    findings.push(wrong(`a message by way of ${place} was not heard`, mend));
  }
  if ((state.memoryShare ?? 0) >= SCARCE_SHARE && !findings.some(isFull)) {
    const percent = Math.floor((state.memoryShare ?? 0) * 100);
    findings.push({ ...FULL, says: `${place} uses ${percent} % of its memory (maxmemory)` });
  }
  if (findings.some(({ mark }) => mark === "wrong")) return findings;
  const { product, version = "unknown" } = state;
  const name = product === SUBJECT ? "version" : product;
  const says = `${name} ${version} at ${place} hears and counts`;
  return [{ mark: "ok", subject: SUBJECT, says }, ...findings];
}

const FULL: Finding = {
  mark: "warning",
  subject: SUBJECT,
  says: "",
  mend: "Raise maxmemory: while the server is full, each replica counts the rate limits alone.",
};

function isFull({ mend }: Finding): boolean {
  return mend === FULL.mend;
}

function judgeRefusal(place: string, { command, says }: BusRefusal): Finding {
  if (says.startsWith("OOM")) return { ...FULL, says: `${place} is full` };
  if (says.startsWith("READONLY")) {
    return wrong(
      `${place} is a read-only replica: servers that use different ones do not hear each other`,
      "Give REDIS_URL the address that always leads to the primary.",
    );
  }
  if (says.startsWith("NOPERM")) {
    return wrong(
      `${place} does not let this user use ${command}`,
      "Allow it: ACL SETUSER <user> on ><password> ~chatporch:* &chatporch:* +@all -@dangerous +info",
    );
  }
  if (/^(?:MOVED|CLUSTERDOWN)/.test(says)) {
    return wrong(
      `${place} belongs to a Redis cluster (${command}: ${says})`,
      "Give REDIS_URL a server that is no cluster.",
    );
  }
  return wrong(`${place} refuses ${command}: ${says}`, "Look at the log of that server.");
}

function unreachable(place: string, says: string): Finding {
  if (/^(?:WRONGPASS|NOAUTH|ERR AUTH)/.test(says)) {
    return wrong(`${place} refuses the user or the password`, "Check REDIS_URL.");
  }
  if (says === "Connection closed") {
    return wrong(
      `${place} closes the connection without a word`,
      "Is it a Redis server? Where it wants TLS, REDIS_URL begins with rediss://",
    );
  }
  if (/certificate|altnames/i.test(says)) {
    return wrong(
      `${place} shows a certificate that is not trusted: ${says}`,
      "Name a private authority's certificate in NODE_EXTRA_CA_CERTS, and the host in REDIS_URL as the certificate names it.",
    );
  }
  if (says.startsWith("Failed to read data")) {
    return wrong(
      `${place} does not answer as Redis does`,
      "Correct REDIS_URL: another kind of server is there.",
    );
  }
  if (/in time|timeout/i.test(says)) {
    return wrong(
      `${place} does not answer in time`,
      "Is it up? Where it has no TLS, REDIS_URL begins with redis:// and not with rediss://",
    );
  }
  return wrong(
    `${place} cannot be used: ${says}`,
    "Start the server, or correct REDIS_URL. Until then, the replicas work without it, more slowly.",
  );
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}
