import type { KeySettings } from "../config/keys.ts";
import { AppError } from "../errors.ts";
import { derived } from "../runtime/derived.ts";
import { type KeyKind, namesOf } from "./key-headers.ts";
import { contextOf } from "./request-context.ts";

/** Whether the candidate is one of the configured secrets. */
type SecretCheck = (candidate: string) => boolean;

/**
 * Compares in constant time for any lengths: both sides become SHA-256 digests, and every configured secret is
 * compared without an early exit (contract section 3).
 */
export function createSecretCheck(secrets: readonly string[]): SecretCheck {
  const digests = secrets.map(sha256);
  return (candidate) => {
    const digest = sha256(candidate);
    let matches = 0;
    for (const known of digests) matches += Number(crypto.timingSafeEqual(digest, known));
    return matches > 0;
  };
}

/**
 * The derive hook of the chat plugin: x-api-key, x-widget-api-key or Authorization: Bearer. It notes in the request's
 * context whether the key is a program's.
 */
export function requireChatKey(keys: () => Pick<KeySettings, "widget" | "program">) {
  const checks = derived(keys, ({ widget, program }) => ({
    isWidgets: createSecretCheck(widget),
    isPrograms: createSecretCheck(program),
  }));
  const headerNames = namesOf("widget");
  return ({ request }: { request: Request }) => {
    const sent = sentKey(request, headerNames);
    const { isWidgets, isPrograms } = checks();
    const isProgram = isPrograms(sent);
    if (!isWidgets(sent) && !isProgram) throw new AppError("unauthorized");
    if (isProgram) contextOf(request).isProgram = true;
    return {};
  };
}

/** The derive hook of the admin plugin: x-admin-api-key or Authorization: Bearer. */
export function requireAdminKey(keys: readonly string[]) {
  const requireOne = requireKey(keys, "admin");
  return (context: { request: Request }) => {
    if (keys.length === 0) throw new AppError("admin_disabled");
    return requireOne(context);
  };
}

/** The derive hook of the metrics: x-metrics-key or Authorization: Bearer, as Prometheus sends it. */
export function requireMetricsKey(keys: readonly string[]) {
  return requireKey(keys, "metrics");
}

function requireKey(keys: readonly string[], kind: KeyKind) {
  const isKey = createSecretCheck(keys);
  const headerNames = namesOf(kind);
  return ({ request }: { request: Request }) => {
    if (!isKey(sentKey(request, headerNames))) throw new AppError("unauthorized");
    return {};
  };
}

/** The value of the first named header that is present, else the bearer token, else an empty text. */
function sentKey(request: Request, headerNames: readonly string[]): string {
  for (const name of headerNames) {
    const value = request.headers.get(name);
    if (value !== null) return value;
  }
  const authorization = request.headers.get("authorization") ?? "";
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}

function sha256(text: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}
