import type { ServerSettings } from "../config/server.ts";
import { strictTransportSecurity } from "../http/security-headers.ts";
import type { Finding } from "./report.ts";

const subject = "HSTS";

/** HSTS, which the server sends in production and a proxy may have dropped, or added to. */
export function checkHsts(
  url: URL,
  headers: Headers,
  server: Pick<ServerSettings, "environment" | "hsts">,
): Finding | undefined {
  if (url.protocol !== "https:") return undefined;
  const value = headers.get("strict-transport-security");
  const own = strictTransportSecurity(server);
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
  if (server.hsts === "off") {
    return { mark: "ok", subject, says: "not sent, as HSTS=off has it" };
  }
  // An https address that is not served in production is a finding of the settings.
  if (server.environment !== "production") return undefined;
  return {
    mark: "wrong",
    subject,
    says: "no Strict-Transport-Security arrives, and the server sends it in production",
    mend: "Let the proxy pass the header on (nginx: no proxy_hide_header), and restart the server.",
  };
}
