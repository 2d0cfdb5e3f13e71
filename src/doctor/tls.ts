import { connect, type DetailedPeerCertificate, type PeerCertificate } from "node:tls";

import type { Config } from "../config/config.ts";
import { strictTransportSecurity } from "../http/security-headers.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "TLS";
const CONNECT_TIMEOUT_MS = 10_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Let's Encrypt's tools renew 30 days before the end: so late, something has failed. */
const SOON_DAYS = 14;

interface Certificate {
  readonly isTrusted: boolean;
  /** Why it is not. */
  readonly reason: string;
  readonly validTo: number;
}

/** The certificate of the public address; plain http is fine on this machine and in development. */
export async function checkTls(
  url: URL,
  environment: Config["environment"],
  now: number,
): Promise<Finding> {
  if (url.protocol !== "https:") return judgePlain(environment);
  try {
    return judgeCertificate(await readCertificate(url), now);
  } catch (error) {
    return {
      mark: "wrong",
      subject: SUBJECT,
      says: `${url.host} cannot be reached over TLS: ${error instanceof Error ? error.message : ""}`,
      mend: "Does the name lead to this machine, is the port open, and has the proxy a certificate?",
    };
  }
}

export function judgePlain(environment: Config["environment"]): Finding {
  if (environment !== "production") {
    return { mark: "ok", subject: SUBJECT, says: "not looked at: the address is plain http" };
  }
  return {
    mark: "warning",
    subject: SUBJECT,
    says: "the address is plain http: whoever is on the way reads every chat and key",
    mend: "Put a proxy with a certificate in front, and set PUBLIC_URL to its https address.",
  };
}

export function judgeCertificate(
  { isTrusted, reason, validTo }: Certificate,
  now: number,
): Finding {
  const days = Math.floor((validTo - now) / DAY_MS);
  const until = new Date(validTo).toISOString().slice(0, 10);
  if (!isTrusted || days < 0) {
    const says = days < 0 ? `the certificate ended on ${until}` : `browsers refuse it: ${reason}`;
    const mend =
      "Renew the certificate; the proxy has to send its whole chain, for this very name.";
    return { mark: "wrong", subject: SUBJECT, says, mend };
  }
  if (days >= SOON_DAYS) return { mark: "ok", subject: SUBJECT, says: `valid until ${until}` };
  return {
    mark: "warning",
    subject: SUBJECT,
    says: `the certificate ends in ${days} days, on ${until}`,
    mend: "Renew it. Is the renewal that should have done so still running?",
  };
}

/** HSTS, which the server sends in production and a proxy may have dropped, or added to. */
export function checkHsts(
  url: URL,
  headers: Headers,
  config: Pick<Config, "environment" | "hsts">,
): Finding | undefined {
  if (url.protocol !== "https:") return undefined;
  const subject = "HSTS";
  const value = headers.get("strict-transport-security");
  const own = strictTransportSecurity(config);
  if (value !== null) {
    // Without one of its own, the server leaves it to the proxy.
    if (own === undefined || value === own) return { mark: "ok", subject, says: value };
    return {
      mark: "warning",
      subject,
      says: `${value} arrives, and with these settings the server sends ${own}`,
      mend: "Restart the server; and let either it or the proxy send the header, not both (HSTS=off).",
    };
  }
  if (config.hsts === "off") {
    return { mark: "ok", subject, says: "not sent, as HSTS=off has it" };
  }
  if (config.environment !== "production") {
    return {
      mark: "warning",
      subject,
      says: `not sent: the server is in ${config.environment}`,
      mend: "Set NODE_ENV=production: it also checks that the settings are safe.",
    };
  }
  return {
    mark: "wrong",
    subject,
    says: "no Strict-Transport-Security arrives, and the server sends it in production",
    mend: "Let the proxy pass the header on (nginx: no proxy_hide_header), and restart the server.",
  };
}

function readCertificate(url: URL): Promise<Certificate> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const isName = /[a-z]/i.test(host) && !host.includes(":");
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isName ? { servername: host } : {}),
      // Looked at, whatever it is; nothing is sent over this connection.
      rejectUnauthorized: false,
    });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error("no answer")));
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const certificate: PeerCertificate | DetailedPeerCertificate = socket.getPeerCertificate();
      resolve({
        isTrusted: socket.authorized,
        reason: String(socket.authorizationError ?? "not trusted"),
        validTo: Date.parse(certificate.valid_to),
      });
      socket.end();
    });
  });
}
