import type { Config } from "../config/config.ts";
import type { PublicServer } from "./public-server.ts";
import type { Finding } from "./report.ts";

const SUBJECT = "CORS";
/** A website that cannot exist, because the name is reserved (RFC 2606). */
const FOREIGN_ORIGIN = "https://chatporch-doctor.invalid";
/** Stands for every name that an entry with a wildcard allows. */
const ANY_LABEL = "chatporch-doctor";

/** Sends preflights like browsers, for each configured website and a foreign one. @throws UnreachableError */
export async function checkCors(
  server: PublicServer,
  allowed: Config["origins"]["allowed"],
): Promise<Finding[]> {
  // With `*`, every website may use the server. The advice on the settings says so.
  if (allowed === "*") return [];
  const findings: Finding[] = [];
  for (const pattern of allowed) {
    const origin =
      pattern.kind === "exact" ? pattern.origin : `${pattern.scheme}${ANY_LABEL}${pattern.suffix}`;
    findings.push(judgeListed(origin, await allowedOrigins(server, origin)));
  }
  const foreign = await allowedOrigins(server, FOREIGN_ORIGIN);
  if (foreign.length > 0) {
    findings.push({
      mark: "wrong",
      subject: SUBJECT,
      says: `a foreign website is allowed (Access-Control-Allow-Origin: ${foreign.join(", ")})`,
      mend: "Remove the CORS headers that the proxy adds: chatporch sends its own.",
    });
  }
  return findings;
}

/** The allowed origins in the answer. If a proxy adds the header too, there are two, which browsers refuse. */
async function allowedOrigins(server: PublicServer, origin: string): Promise<string[]> {
  const headers = await server.preflight(origin);
  const value = headers.get("access-control-allow-origin");
  return value === null ? [] : value.split(",").map((entry) => entry.trim());
}

export function judgeListed(origin: string, allowed: readonly string[]): Finding {
  if (allowed.length === 1 && (allowed[0] === origin || allowed[0] === "*")) {
    return { mark: "ok", subject: SUBJECT, says: `${origin} may use this server` };
  }
  if (allowed.length === 0) {
    return {
      mark: "wrong",
      subject: SUBJECT,
      says: `${origin} is in CORS_ORIGIN, but its visitors are refused`,
      mend: "Restart the server with these settings, and let the proxy pass OPTIONS and Origin on unchanged.",
    };
  }
  return {
    mark: "wrong",
    subject: SUBJECT,
    says: `${origin} gets Access-Control-Allow-Origin: ${allowed.join(", ")}, which browsers refuse`,
    mend: "Remove the CORS headers that the proxy adds: chatporch sends its own.",
  };
}
