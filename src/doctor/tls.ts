import { checkServerIdentity, connect } from "node:tls";

import type { Config } from "../config/config.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "TLS";
const CONNECT_TIMEOUT_MS = 10_000;
/** Let's Encrypt's tools renew 30 days before the end. With fewer days than this left, something has failed. */
const SOON_DAYS = 14;

/** The certificate that a server shows when a connection begins. */
export interface Certificate {
  /** OpenSSL's name for the problem with it or its chain. Undefined when it is trusted. */
  readonly error: string | undefined;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Whether it is for the requested name or address. */
  readonly isForHost: boolean;
  /** The name of the issuer that signed it. */
  readonly issuer: string;
  /** Whether it says where to find its issuer's certificate, as certificates of public authorities do. */
  readonly hasIssuerAddress: boolean;
  /** Whether its issuer's certificate was sent with it. */
  readonly hasIssuer: boolean;
}

/** Whether the owner's key may be sent to a server with this certificate. */
export function isTrusted({ error, isForHost }: Certificate): boolean {
  return error === undefined && isForHost;
}

/** The finding for a plain http address, which is fine outside production. */
export function judgePlain(environment: Config["server"]["environment"]): Finding {
  if (environment !== "production") {
    return { mark: "ok", subject: SUBJECT, says: "not checked: the address is plain http" };
  }
  return {
    mark: "warning",
    subject: SUBJECT,
    says: "the address is plain http: anybody on the way can read every chat and key",
    mend: "Put a proxy with a certificate in front, and set PUBLIC_URL to its https address.",
  };
}

/** All problems of a certificate, one finding each: fixing one does not fix the others. */
export function judgeCertificate(certificate: Certificate, host: string, now: number): Finding[] {
  const faults = [judgeTime(certificate, now), judgeChain(certificate, now)];
  if (!certificate.isForHost) {
    faults.push(
      wrong(
        `the certificate is for another name than ${host}`,
        `Have one made for ${host}, or give the address that it is for with --url.`,
      ),
    );
  }
  const findings = faults.filter((fault) => fault !== undefined);
  if (findings.length > 0) return findings;
  const until = dayOf(certificate.validTo);
  const days = Math.floor((certificate.validTo - now) / DAY_MS);
  if (days >= SOON_DAYS) return [{ mark: "ok", subject: SUBJECT, says: `valid until ${until}` }];
  return [
    {
      mark: "warning",
      subject: SUBJECT,
      says: `the certificate ends in ${days} days, on ${until}`,
      mend: "Renew it. Is the automatic renewal still running?",
    },
  ];
}

function judgeTime({ validFrom, validTo }: Certificate, now: number): Finding | undefined {
  if (validTo < now) {
    return wrong(
      `the certificate ended on ${dayOf(validTo)}`,
      "Renew it, and have the proxy load the new one. Is the automatic renewal still running?",
    );
  }
  if (validFrom > now) {
    return wrong(
      `the certificate is valid only from ${dayOf(validFrom)} on`,
      "Is the clock of this machine right? If it is, use a certificate that is already valid.",
    );
  }
  return undefined;
}

const CERTIFICATES_OF_ONES_OWN =
  "add its certificate to the environment of this command, as a file: NODE_EXTRA_CA_CERTS=/etc/ssl/own-ca.pem chatporch doctor\n" +
  "It has no effect in .env. Visitors' browsers must know the authority, too.";

function judgeChain(certificate: Certificate, now: number): Finding | undefined {
  const { error, issuer, hasIssuerAddress, hasIssuer } = certificate;
  switch (error) {
    case undefined:
    // judgeCertificate judges this itself, with the requested name.
    case "ERR_TLS_CERT_ALTNAME_INVALID":
    case "HOSTNAME_MISMATCH":
      return undefined;
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return judgeTime(certificate, now) === undefined
        ? wrong(
            "another certificate of the chain has expired or is not valid yet",
            "Have the proxy send the chain that came with the certificate (fullchain.pem).",
          )
        : undefined;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return wrong(
        "the certificate is self-signed: no browser trusts it",
        `Use one of a public authority (Let's Encrypt). If this is intended, ${CERTIFICATES_OF_ONES_OWN}`,
      );
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      if (hasIssuerAddress && !hasIssuer) {
        return wrong(
          `the chain is incomplete: the certificate of "${issuer}", which signed this one, is not sent`,
          "Have the proxy send the whole chain: fullchain.pem instead of cert.pem.",
        );
      }
      return unknownIssuer(issuer);
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return unknownIssuer(issuer);
    default:
      return wrong(`the certificate is refused: ${error}`, "Look at the proxy's certificate.");
  }
}

function unknownIssuer(issuer: string): Finding {
  return wrong(
    `the certificate is signed by "${issuer}", which is not known here`,
    `If that is an authority of your own, ${CERTIFICATES_OF_ONES_OWN}\n` +
      "If it is a public one, have the proxy send the whole chain (fullchain.pem).",
  );
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function wrong(says: string, mend: string): Finding {
  return { mark: "wrong", subject: SUBJECT, says, mend };
}

/** Opens a connection with any certificate and sends nothing over it. @throws the error of the connection */
export function readCertificate(url: URL): Promise<Certificate> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const isName = /[a-z]/i.test(host) && !host.includes(":");
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isName ? { servername: host } : {}),
      rejectUnauthorized: false,
    });
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
      socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
    });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      const shown = socket.getPeerCertificate(true);
      const { CN, O } = shown.issuer ?? {};
      const error = socket.authorized ? undefined : String(socket.authorizationError);
      resolve({
        error,
        validFrom: Date.parse(shown.valid_from),
        validTo: Date.parse(shown.valid_to),
        isForHost: checkServerIdentity(host, shown) === undefined,
        issuer: String(CN ?? O ?? "an issuer without a name"),
        hasIssuerAddress: shown.infoAccess?.["CA Issuers - URI"] !== undefined,
        hasIssuer: shown.issuerCertificate !== undefined,
      });
      socket.end();
    });
  });
}
