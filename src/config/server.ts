import { parseIpAddress } from "../net/ip-address.ts";
import { SECOND_MS } from "../runtime/time.ts";
import type { Environment, SettingGroup } from "./setting-group.ts";
import type { SettingReader } from "./setting-reader.ts";

/** Where browsers must use https in production: on this host and its subdomains, on this host, or nowhere. */
export type Hsts = "subdomains" | "host" | "off";

/** Where the server listens, how others see it, and how it stops. */
export interface ServerSettings {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  /** Without a trailing slash. */
  readonly publicUrl: string | undefined;
  /** The path of publicUrl, such as `/chat`. Empty if it has none. */
  readonly basePath: string;
  readonly hsts: Hsts;
  readonly shutdownGraceMs: number;
  /** How long questions are still taken once /ready says that the server stops. */
  readonly drainDelayMs: number;
}

/** The port of the original open-chat-widget, so that an existing data-api-url keeps working. */
const DEFAULT_PORT = 4000;
const DEFAULT_SHUTDOWN_GRACE_MS = 10 * SECOND_MS;

export const SERVER: SettingGroup<ServerSettings> = {
  read: readServerSettings,
  shown: {
    NODE_ENV: ({ environment }) => environment,
    HOST: ({ host }) => host,
    PORT: ({ port }) => String(port),
    PUBLIC_URL: ({ publicUrl }) => publicUrl ?? "not set",
    HSTS: ({ hsts }) => hsts,
    SHUTDOWN_GRACE_MS: ({ shutdownGraceMs }) => String(shutdownGraceMs),
    DRAIN_DELAY_MS: ({ drainDelayMs }) => String(drainDelayMs),
  },
};

/** @param fallback the environment when NODE_ENV is not set */
function readServerSettings(reader: SettingReader, fallback: Environment): ServerSettings {
  const environment = reader.choice("NODE_ENV", ["development", "production", "test"], fallback);
  const publicUrl = readPublicUrl(reader);
  return {
    environment,
    host: readHost(reader, environment === "production" ? "0.0.0.0" : "127.0.0.1"),
    port: reader.integer("PORT", { fallback: DEFAULT_PORT, min: 0, max: 65535 }),
    publicUrl,
    basePath: publicUrl === undefined ? "" : pathOf(publicUrl),
    hsts: reader.choice("HSTS", ["subdomains", "host", "off"], "subdomains"),
    shutdownGraceMs: reader.duration("SHUTDOWN_GRACE_MS", DEFAULT_SHUTDOWN_GRACE_MS, 0),
    drainDelayMs: reader.duration("DRAIN_DELAY_MS", 0, 0),
  };
}

/** An address that a program on this machine can open, also when the host means all addresses. */
export function localUrl(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A host name. Its last part must not be a number: that would be a malformed IP address. */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9_-]+\.)*(?!\d+$)[a-z0-9_-]+$/i;

function readHost(reader: SettingReader, fallback: string): string {
  const host = reader.text("HOST")?.replace(/^\[(.*)\]$/, "$1") ?? fallback;
  if (parseIpAddress(host) === undefined && !HOST_NAME.test(host)) {
    reader.refuse("HOST", "is neither an IP address nor a host name", fallback);
  }
  return host;
}

/** Characters that every proxy and browser leaves unchanged, so the path is the same everywhere. */
const PLAIN_PATH = /^(?:\/[\w.~-]+)*$/;
/** Beginnings of this server's own paths. A base path like them would make requests ambiguous. */
const OWN_PATHS = /^\/(?:dashboard|v1|widget)(?:\/|$)/;

function readPublicUrl(reader: SettingReader): string | undefined {
  const example = "https://chat.example.com";
  const text = reader.url("PUBLIC_URL", example);
  if (text === undefined) return undefined;
  const url = new URL(text);
  if (text.includes("?")) reader.refuse("PUBLIC_URL", "must not have a query", example);
  if (url.username !== "" || url.password !== "") {
    reader.refuse(
      "PUBLIC_URL",
      "holds a user name or a password, but this address is public",
      example,
    );
  }
  const publicUrl = text.replace(/\/+$/, "");
  const path = pathOf(publicUrl);
  if (!PLAIN_PATH.test(path)) {
    reader.refuse(
      "PUBLIC_URL",
      "has a path with characters other than letters, digits, and single - . _ ~ and /",
      "https://example.com/chat",
    );
  }
  if (OWN_PATHS.test(path)) {
    reader.refuse(
      "PUBLIC_URL",
      "has a path that begins like the server's own addresses (/dashboard, /v1, /widget)",
      "https://example.com/chat",
    );
  }
  return url.origin + path;
}

function pathOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, "");
}
