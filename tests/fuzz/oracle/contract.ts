import { isObject, type Json } from "../../support/json-schema.ts";
import {
  ADMIN_KEY,
  METRICS_KEY,
  OTHER_ADMIN_KEY,
  OTHER_METRICS_KEY,
  OTHER_WIDGET_KEY,
  WIDGET_KEY,
} from "../../support/test-app.ts";

/**
 * The server's promises, as far as an answer can be checked against them. They are written here a second time,
 * without the server's code: an oracle that asked the server would always agree with it.
 */
export interface Contract {
  readonly routes: readonly Route[];
  /** The server's OpenAPI document. */
  readonly document: Json;
  /** Whether a client may reach its limit with requests of any kind, not only with logins. */
  readonly isLimited: boolean;
}

export interface Route {
  readonly method: string;
  readonly path: string;
}

/** What opens a route: a key, the owner's cookie, or nothing. */
export type Guard = "none" | "widget" | "admin" | "metrics" | "cookie";

const EXACT_ORIGINS = ["https://www.example.com"];
const SUBDOMAINS_OF = "shop.example";
export const PUBLIC_URL = "https://chat.example.com";

/** The settings that the oracle knows. */
export const SETTINGS = {
  NODE_ENV: "production",
  CORS_ORIGIN: [...EXACT_ORIGINS, `https://*.${SUBDOMAINS_OF}`].join(", "),
  PUBLIC_URL,
  TRUST_PROXY: "1",
  OPENAI_API_KEY: "sk-upstream",
};

export function guardOf(template: string): Guard {
  if (/^\/(?:v1\/chat|chat|v1\/sessions)(?:\/|$)/.test(template)) return "widget";
  if (template.startsWith("/v1/admin/")) return "admin";
  if (template === "/metrics") return "metrics";
  if (/^\/dashboard\/(?:assets\/|login$|claim$)/.test(template)) return "none";
  return template.startsWith("/dashboard") ? "cookie" : "none";
}

const KEYS = {
  widget: { headers: ["x-api-key", "x-widget-api-key"], keys: [WIDGET_KEY, OTHER_WIDGET_KEY] },
  admin: { headers: ["x-admin-api-key"], keys: [ADMIN_KEY, OTHER_ADMIN_KEY] },
  metrics: { headers: ["x-metrics-key"], keys: [METRICS_KEY, OTHER_METRICS_KEY] },
};

/** Whether the headers hold a key of the guard in the right place. */
export function hasKey(guard: keyof typeof KEYS, headers: Headers): boolean {
  const { headers: names, keys } = KEYS[guard];
  const own = names.map((name) => headers.get(name)).find((value) => value !== null);
  if (own !== undefined && own !== null) return keys.includes(own);
  const [scheme, ...words] = (headers.get("authorization") ?? "").split(/ +/);
  return scheme?.toLowerCase() === "bearer" && words.length === 1 && keys.includes(words[0] ?? "");
}

export function isDashboard(path: string): boolean {
  return path === "/dashboard" || path.startsWith("/dashboard/");
}

/** Whether any website may read the path. */
export function isForAll(path: string): boolean {
  return /^\/widget\/.+\.(?:js|d\.ts)\/?$/.test(path);
}

/** Whether a page of this origin may request the path in a browser. */
export function isAllowedOrigin(origin: string, path: string, host: string): boolean {
  if (isForAll(path)) return true;
  if (origin === PUBLIC_URL) return true;
  if (isDashboard(path)) return origin === `http://${host}` || origin === `https://${host}`;
  if (EXACT_ORIGINS.includes(origin)) return true;
  const [scheme, rest = "", ...more] = origin.split("//");
  const labels = rest.split(".");
  const site = labels.splice(-SUBDOMAINS_OF.split(".").length).join(".");
  return (
    scheme === "https:" &&
    more.length === 0 &&
    site === SUBDOMAINS_OF &&
    labels.length > 0 &&
    labels.every((label) => /^[a-z0-9_-]+$/.test(label))
  );
}

/** The routes that a path belongs to; a slash at its end is ignored. */
export function routesAt({ routes }: Contract, path: string): Route[] {
  const parts = path.replace(/(?<=[^/])\/$/, "").split("/");
  return routes.filter((route) => {
    const wanted = route.path.split("/");
    const isSame = (part: string, index: number) =>
      part.startsWith(":") ? parts[index] !== "" : part === parts[index];
    return route.method !== "OPTIONS" && wanted.length === parts.length && wanted.every(isSame);
  });
}

/** The route that answers; when two match, the one without a parameter. */
export function routeFor(contract: Contract, method: string, path: string): Route | undefined {
  const wanted = method === "HEAD" ? "GET" : method;
  const fitting = routesAt(contract, path).filter((route) => route.method === wanted);
  return fitting.find((route) => !route.path.includes(":")) ?? fitting[0];
}

/** The responses that the OpenAPI document has for a route, by status; undefined where it is hidden. */
export function responsesOf({ document }: Contract, { method, path }: Route): Json | undefined {
  const { paths } = document;
  // The versioned address of the widget answers as its plain address does.
  const template = path
    .replace(/^(\/widget\/chat-widget)\.[0-9a-f]+(\.js)$/, "$1$2")
    .replaceAll(/:([^/]+)/g, "{$1}");
  const item = isObject(paths) ? paths[template] : undefined;
  const operation = isObject(item) ? item[method.toLowerCase()] : undefined;
  const responses = isObject(operation) ? operation.responses : undefined;
  return isObject(responses) ? responses : undefined;
}
