import type { ServerSettings } from "../config/server.ts";
import { strictTransportSecurity } from "../http/security-headers.ts";
import type { Finding } from "./report.ts";

const subject = "HSTS";

/** Checks HSTS. The server sends it in production, but a proxy may remove it or add its own. */
export function checkHsts(
  url: URL,
  headers: Headers,
  server: Pick<ServerSettings, "environment" | "hsts">,
): Finding | undefined {
  if (url.protocol !== "https:") return undefined;
  const value = headers.get("strict-transport-security");
  const own = strictTransportSecurity(server);
  if (value !== null) {
    // If the server sends none itself, it leaves HSTS to the proxy.
    if (own === undefined || value === own) return { mark: "ok", subject, says: value };
    return {
      mark: "warning",
      subject,
      says: `${value} arrives, but with these settings the server sends ${own}`,
      mend: "Restart the server, and let only one of server and proxy send the header (HSTS=off for the server).",
    };
  }
  if (server.hsts === "off") {
    return { mark: "ok", subject, says: "not sent, because HSTS=off is set" };
  }
  // The check of the settings reports an https address that is not in production.
  if (server.environment !== "production") return undefined;
  return {
    mark: "wrong",
    subject,
    says: "no Strict-Transport-Security arrives, although the server sends it in production",
    mend: "Let the proxy pass the header on (nginx: no proxy_hide_header), and restart the server.",
  };
}
