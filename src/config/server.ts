import { parseIpAddress } from "../http/ip-address.ts";
import { LOG_LEVELS, type LogLevel } from "../logger.ts";
import type { SettingReader } from "./setting-reader.ts";
import { SECOND_MS } from "./time.ts";

export type Environment = "development" | "production" | "test";

/** Where the server listens, how others see it, and how it stops. */
export interface ServerSettings {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly shutdownGraceMs: number;
  readonly logLevel: LogLevel;
}

/** The port of the original open-chat-widget, so that an existing data-api-url keeps working. */
const DEFAULT_PORT = 4000;
const DEFAULT_SHUTDOWN_GRACE_MS = 10 * SECOND_MS;

export function readServerSettings(reader: SettingReader): ServerSettings {
  const environment = reader.choice(
    "NODE_ENV",
    ["development", "production", "test"],
    "development",
  );
  return {
    environment,
    host: readHost(reader, environment === "production" ? "0.0.0.0" : "127.0.0.1"),
    port: reader.integer("PORT", { fallback: DEFAULT_PORT, min: 0, max: 65535 }),
    publicUrl: readPublicUrl(reader),
    shutdownGraceMs: reader.duration("SHUTDOWN_GRACE_MS", DEFAULT_SHUTDOWN_GRACE_MS, 0),
    logLevel: reader.choice("LOG_LEVEL", LOG_LEVELS, "info"),
  };
}

/** An address that a program on this machine can open, for a host that may mean all addresses. */
export function localUrl(host: string, port: number): string {
  if (host === "0.0.0.0" || host === "::") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A name whose last part is a number would be an address, and is none. */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9_-]+\.)*(?!\d+$)[a-z0-9_-]+$/i;

function readHost(reader: SettingReader, fallback: string): string {
  const host = reader.text("HOST")?.replace(/^\[(.*)\]$/, "$1") ?? fallback;
  if (parseIpAddress(host) === undefined && !HOST_NAME.test(host)) {
    reader.refuse("HOST", "is neither an IP address nor a host name", fallback);
  }
  return host;
}

function readPublicUrl(reader: SettingReader): string | undefined {
  const example = "https://chat.example.com";
  const url = reader.url("PUBLIC_URL", example);
  if (url === undefined) return undefined;
  const { username, password } = new URL(url);
  if (url.includes("?")) reader.refuse("PUBLIC_URL", "has a query, and paths follow it", example);
  if (username !== "" || password !== "") {
    reader.refuse(
      "PUBLIC_URL",
      "holds a user name or a password, and everybody is told it",
      example,
    );
  }
  return url.replace(/\/+$/, "");
}
