import type { SeenRequest } from "../admin/schema.ts";
import type { Config } from "../config/config.ts";
import { VERSION } from "../runtime/version.ts";
import { connectionFault } from "./connection-fault.ts";
import { checkCors } from "./cors.ts";
import { checkHsts } from "./hsts.ts";
import { checkPages } from "./pages.ts";
import { adviceFor, namedProxies, type ProxyKind } from "./proxy-kinds.ts";
import { type KeyWithheld, PublicServer } from "./public-server.ts";
import { checkHearing } from "./replicas.ts";
import type { Finding, Report } from "./report.ts";
import { checkBuffering, checkIdle } from "./streaming.ts";
import {
  type Certificate,
  isTrusted,
  judgeCertificate,
  judgePlain,
  readCertificate,
} from "./tls.ts";
import { checkTrustProxy } from "./trust-proxy.ts";

interface Address {
  /** The address at which visitors reach the server. */
  readonly url: string;
  /** How long the idle stream is silent. */
  readonly idleSeconds: number;
  readonly now: () => number;
}

/** Checks the running server through its public address: first without a key, then with the owner's key. */
export async function examineAddress(
  report: Report,
  config: Config,
  { url, idleSeconds, now }: Address,
): Promise<void> {
  const certificate = await examineTls(report, config, new URL(url), now());
  const server = new PublicServer({
    url,
    adminKey: config.keys.admin[0],
    hasTrustedCertificate: certificate === undefined || isTrusted(certificate),
  });
  let headers: Headers | undefined;
  await report.waitFor("address", "asking the server", async () => {
    headers = await server.reach();
    return checkHsts(server.url, headers, config.server) ?? [];
  });
  // This is not our server, so further findings would be useless.
  if (headers === undefined) return;
  const proxies = namedProxies(headers);
  await report.waitFor("CORS", "asking as browsers do", () =>
    checkCors(server, config.origins.allowed),
  );
  await report.waitFor("pages", "loading what browsers load", () => checkPages(server));
  if (server.keyWithheld !== undefined) report.add(notDiagnosed(server.keyWithheld, config));
  else await diagnose(report, config, { server, proxies, idleSeconds });
}

/** Returns the certificate, or undefined if there is none or it could not be read. */
async function examineTls(
  report: Report,
  { server: { environment } }: Config,
  url: URL,
  now: number,
): Promise<Certificate | undefined> {
  if (url.protocol !== "https:") {
    report.add(judgePlain(environment));
    return undefined;
  }
  let certificate: Certificate | undefined;
  await report.waitFor("TLS", "looking at the certificate", async () => {
    try {
      certificate = await readCertificate(url);
      return judgeCertificate(certificate, url.hostname, now);
    } catch (error) {
      const { says, mend } = connectionFault(error);
      return {
        mark: "wrong",
        subject: "TLS",
        says: `${url.host} cannot be reached over TLS: ${says}`,
        mend,
      };
    }
  });
  return certificate;
}

interface Diagnosis {
  readonly server: PublicServer;
  readonly proxies: readonly ProxyKind[];
  readonly idleSeconds: number;
}

/** Runs the checks that need the owner's key. */
async function diagnose(
  report: Report,
  config: Config,
  { server, proxies, idleSeconds }: Diagnosis,
): Promise<void> {
  await report.waitFor("proxy", "asking how this request arrived", async () => {
    const seen = await server.seen();
    const { url } = server;
    return [
      checkVersion(seen.version),
      ...checkEnvironment(seen, config),
      checkTrustProxy({ seen, trustProxy: config.limits.trustProxy, url, proxies }),
      ...checkHost(seen, config, server, proxies),
    ];
  });
  if (config.database.url !== undefined) {
    await report.waitFor("replicas", "asking the replicas", () => checkHearing(server));
  }
  await report.waitFor("streaming", "timing a stream", () => checkBuffering(server, proxies));
  if (idleSeconds === 0) return;
  await report.waitFor("idle stream", `keeping a stream silent for ${idleSeconds} s`, () =>
    checkIdle(server, idleSeconds, config.turns.heartbeatIntervalMs / 1000, proxies),
  );
}

function checkVersion(version: string): Finding {
  if (version === VERSION) return { mark: "ok", subject: "server", says: `chatporch ${version}` };
  return {
    mark: "warning",
    subject: "server",
    says: `chatporch ${version} is running, but this is ${VERSION}`,
    mend: "Restart the server to run the installed version.",
  };
}

/** The checked settings are meaningful only if the running server has them too. */
function checkEnvironment({ environment }: SeenRequest, config: Config): Finding[] {
  if (environment === config.server.environment) return [];
  return [
    {
      mark: "warning",
      subject: "server",
      says: `the running server is in ${environment}, but these settings are for ${config.server.environment}`,
      mend: "Restart the server with these settings. In files for Docker or systemd, look for NODE_ENV.",
    },
  ];
}

function checkHost(
  { host }: SeenRequest,
  config: Config,
  { url, base }: PublicServer,
  proxies: readonly ProxyKind[],
): Finding[] {
  if (host === url.host || config.server.publicUrl !== undefined) return [];
  return [
    {
      mark: "wrong",
      subject: "dashboard",
      says: `the proxy changes the Host header to ${host}: the dashboard refuses its own forms`,
      mend: `Set PUBLIC_URL=${base}, or have the proxy pass Host on unchanged.\n${adviceFor(proxies, "host")}`,
    },
  ];
}

/** The reason why the proxy was not checked. */
function notDiagnosed(reason: KeyWithheld, { server }: Config): Finding {
  const { why, mend } = WITHHELD[reason];
  const says = `proxy and streaming were not checked: ${why}`;
  return {
    mark: "warning",
    subject: "proxy",
    says,
    mend: mend.replace("PORT", String(server.port)),
  };
}

const WITHHELD: Readonly<Record<KeyWithheld, { readonly why: string; readonly mend: string }>> = {
  none: {
    why: "the server answers these questions only to its owner",
    mend: "Set ADMIN_API_KEY, restart the server, and run this command again.",
  },
  "plain http": {
    why: "ADMIN_API_KEY is not sent over plain http, where anybody on the way could read it",
    mend: "Give the https address with --url. On the server's own machine: chatporch doctor --url http://127.0.0.1:PORT",
  },
  certificate: {
    why: "ADMIN_API_KEY is not sent to a server whose certificate is not trusted",
    mend: "Fix the certificate first (see TLS), and run this command again.",
  },
};
