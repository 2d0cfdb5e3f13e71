import type { ServerSettings } from "../config/server.ts";
import type { Link } from "../http/link.ts";
import { contextOf } from "../http/request-context.ts";
import { isLoopback } from "../net/loopback.ts";
import { type Html, html } from "./html.ts";

/**
 * Whether the browser would drop the session's cookie, because production asks for https and the browser has come
 * over plain http. Where a browser says nothing about that, and no proxy does, plain http is assumed.
 */
function isPlainHttp(
  { headers, url }: Request,
  { environment, publicUrl }: Pick<ServerSettings, "environment" | "publicUrl">,
): boolean {
  if (environment !== "production") return false;
  // Browsers send this header over https and to their own machine only (Fetch Metadata, section 3).
  if (headers.has("sec-fetch-site")) return false;
  const origin = headers.get("origin");
  if (origin !== null && URL.canParse(origin)) {
    const { protocol, hostname } = new URL(origin);
    return protocol === "http:" && !isLoopback(hostname);
  }
  const forwarded = headers.get("x-forwarded-proto") ?? headers.get("forwarded") ?? "";
  if (/^https\b|\bproto="?https\b/i.test(forwarded)) return false;
  const { host, hostname } = new URL(url);
  if (publicUrl?.startsWith("https://") && new URL(publicUrl).host === host) return false;
  return !isLoopback(hostname);
}

/** Whether the browser itself says that it would lose the cookie: it names its address with every form. */
export function wouldLoseCookie(
  request: Request,
  server: Pick<ServerSettings, "environment" | "publicUrl">,
): boolean {
  return request.headers.has("origin") && isPlainHttp(request, server);
}

/** Shows a form that asks for a password; over plain http, after how to get https. */
export type OverHttps = (request: Request, form: Html) => Html;

export function createOverHttps(server: ServerSettings, link: Link): OverHttps {
  return (request, form) => {
    if (!isPlainHttp(request, server)) return form;
    // With PORT=0, the system has chosen it.
    const port = server.port || Number(new URL(request.url).port);
    return httpsNeeded(port, link(contextOf(request).path), form);
  };
}

function httpsNeeded(port: number, path: string, form: Html): Html {
  return html`<div class="notice warn" role="alert">
      <p>
        <strong>This page needs https.</strong> The address in your browser begins with http://, so
        anyone on the way could read the password, and your browser would not keep you logged in.
      </p>
    </div>
    <h2>Just for you: a tunnel</h2>
    <p>
      Run this on your own machine, and open <code>http://localhost:${port}${path}</code> there.
    </p>
    <pre tabindex="0"><code>ssh -L ${port}:localhost:${port} you@your-server</code></pre>
    <h2>For everyone: a proxy with a certificate</h2>
    <p>Caddy, for example, gets the certificate on its own.</p>
    <pre
      tabindex="0"
    ><code>caddy reverse-proxy --from chat.example.com --to localhost:${port}</code></pre>
    <details>
      <summary>My address does begin with https://</summary>
      ${form}
    </details>`;
}
