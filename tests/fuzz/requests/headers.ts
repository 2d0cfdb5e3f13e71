import fc from "fast-check";

import type { Guard } from "../oracle/contract.ts";
import type { HeaderRecipe } from "./recipe.ts";

/** The headers that open a route. */
const RIGHT_KEYS: Readonly<Record<Guard, readonly HeaderRecipe[]>> = {
  none: [["user-agent", "fuzz"]],
  widget: [
    ["x-api-key", "{{widgetKey}}"],
    ["x-api-key", "{{otherWidgetKey}}"],
    ["x-widget-api-key", "{{widgetKey}}"],
    ["authorization", "Bearer {{widgetKey}}"],
    ["authorization", "bearer   {{otherWidgetKey}}"],
  ],
  admin: [
    ["x-admin-api-key", "{{adminKey}}"],
    ["x-admin-api-key", "{{otherAdminKey}}"],
    ["authorization", "Bearer {{adminKey}}"],
  ],
  metrics: [
    ["x-metrics-key", "{{metricsKey}}"],
    ["authorization", "Bearer {{metricsKey}}"],
  ],
  cookie: [["cookie", "{{cookie}}"]],
};

const KEY_HEADERS = [
  "x-api-key",
  "x-widget-api-key",
  "x-admin-api-key",
  "x-metrics-key",
  "authorization",
  "proxy-authorization",
  "x-api-token",
  "cookie",
];

/** Keys in the wrong place, parts of keys, and values that header parsers get wrong. */
const KEY_VALUES = [
  "",
  "{{canary}}",
  "undefined",
  "null",
  "{{widgetKey}}",
  "{{adminKey}}",
  "{{metricsKey}}",
  "{{password}}",
  "{{partOfWidgetKey}}",
  "{{partOfAdminKey}}",
  "{{widgetKey}}x",
  "x{{adminKey}}",
  "{{widgetKey}},{{widgetKey}}",
  "{{widgetKey}}, {{adminKey}}",
  "Bearer",
  "Bearer {{widgetKey}}",
  "Bearer {{adminKey}}",
  "Bearer {{metricsKey}}",
  "Bearer {{adminKey}} {{canary}}",
  "Bearer{{adminKey}}",
  "Bearer\t{{adminKey}}",
  "Bearer {{partOfAdminKey}}",
  "Bearer Bearer {{adminKey}}",
  "Basic {{adminKey}}",
  "Token {{widgetKey}}",
  "__Host-chatporch={{canary}}",
  "chatporch={{canary}}",
  "\xe9{{canary}}",
  "k".repeat(1000),
];

const wrongKey = fc.tuple(fc.constantFrom(...KEY_HEADERS), fc.constantFrom(...KEY_VALUES));

/** Headers that say who asks: mostly the right one, otherwise none, a wrong one or several. */
function keysFor(guard: Guard): fc.Arbitrary<HeaderRecipe[]> {
  const right = fc.constantFrom(...RIGHT_KEYS[guard]);
  return fc.oneof(
    { weight: 8, arbitrary: right.map((key) => [key]) },
    { weight: 2, arbitrary: fc.array<HeaderRecipe>(wrongKey, { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(right, wrongKey, fc.boolean()).map(([key, other, isFirst]) => {
        return isFirst ? [key, other] : [other, key];
      }),
    },
  );
}

const ALLOWED_ORIGINS = [
  "https://www.example.com",
  "https://a.shop.example",
  "https://a.b.shop.example",
  "https://chat.example.com",
];
const OWN_ORIGINS = ["http://localhost", "https://localhost", "https://chat.example.com"];
const OTHER_ORIGINS = [
  "",
  "*",
  "null",
  "constructor",
  "__proto__",
  "{{canary}}",
  "https://{{canary}}.example",
  "http://www.example.com",
  "https://www.example.com/",
  "https://www.example.com:443",
  "https://WWW.example.com",
  "https://www.example.com.evil.test",
  "https://www.example.com, https://evil.test",
  "https://evil.test#https://www.example.com",
  "https://user@www.example.com",
  "https://shop.example",
  "https://.shop.example",
  "https://evilshop.example",
  "https://a.shop.example.evil.test",
  "https://a.shop.example:8443",
  "https://evil.test/.shop.example",
  "https://evil.test?.shop.example",
  "http://localhost:4000",
  "localhost",
  "file://",
  "https://www.example.com\xa0",
  "https://\xe9.example",
];

function originsFor(guard: Guard): fc.Arbitrary<HeaderRecipe[]> {
  const likely = guard === "cookie" ? OWN_ORIGINS : ALLOWED_ORIGINS;
  const header = (origins: readonly string[]) =>
    fc.constantFrom(...origins).map((origin): HeaderRecipe[] => [["origin", origin]]);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant<HeaderRecipe[]>([]) },
    { weight: 4, arbitrary: header(likely) },
    { weight: 1, arbitrary: header([...OTHER_ORIGINS, ...ALLOWED_ORIGINS, ...OWN_ORIGINS]) },
  );
}

/** All other headers that the server reads, and headers that it must not read. */
const OTHER_HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  [
    "idempotency-key",
    ["key-1", "key-2", "{{canary}}", "", "k".repeat(128), "k".repeat(129), "a, b", "\xe9", "a\tb"],
  ],
  [
    "last-event-id",
    ["0", "1", "2", "3", "999999999", "9999999999", "-1", "1, 2", "1e3", "{{canary}}", ""],
  ],
  [
    "x-session-token",
    [
      "{{sessionToken}}",
      "{{canary}}",
      "",
      "1.{{canary}}",
      "{{sessionToken}}x",
      "{{sessionToken}}, {{sessionToken}}",
      "9999999999999.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "t".repeat(257),
    ],
  ],
  ["x-proof", ["{{canary}}", "", "v1.a.b~1-2", `v1.${"a".repeat(48)}.${"b".repeat(43)}~1`]],
  [
    "x-forwarded-for",
    [
      "203.0.113.7",
      "203.0.113.8",
      "198.51.100.1, 203.0.113.9",
      "2001:db8::1",
      "[2001:db8::2]:443",
      "203.0.113.7:80",
      "999.1.1.1",
      "unknown",
      ",",
      "",
      "{{canary}}",
      "1.1.1.1,".repeat(200),
    ],
  ],
  ["x-request-id", ["{{canary}}", "00000000-0000-4000-8000-000000000000"]],
  [
    "accept",
    [
      "text/event-stream",
      "application/x-ndjson",
      "application/ndjson;q=0.5, text/event-stream;q=0.4",
      "application/json",
      "*/*",
      "text/event-stream;q=canary",
      "{{canary}}",
      ",;q=",
    ],
  ],
  ["accept-encoding", ["gzip", "gzip;q=0", "br", "{{canary}}", "gzip, deflate, br"]],
  ["if-none-match", ["*", 'W/"{{canary}}"', "{{canary}}", '"a", "b"']],
  ["if-modified-since", ["Mon, 23 Nov 2026 12:00:00 GMT"]],
  ["range", ["bytes=0-10", "bytes={{canary}}"]],
  ["cookie", ["{{cookie}}", "a=b; c={{canary}}", "=", "__Host-chatporch=", ";;;", "a=%"]],
  ["sec-fetch-site", ["same-origin", "cross-site", "same-site", "none", "{{canary}}"]],
  ["sec-fetch-mode", ["navigate", "cors", "no-cors", "{{canary}}"]],
  ["sec-fetch-dest", ["document", "iframe", "{{canary}}"]],
  ["x-dashboard-refresh", ["1"]],
  ["access-control-request-method", ["POST", "PUT", "{{canary}}"]],
  ["access-control-request-headers", ["x-api-key", "{{canary}}", "a,b,c"]],
  ["x-http-method-override", ["DELETE", "{{canary}}"]],
  ["x-original-url", ["/v1/admin/conversations", "/{{canary}}"]],
  ["x-forwarded-host", ["{{canary}}.example"]],
  ["x-forwarded-proto", ["https", "{{canary}}"]],
  ["forwarded", ["for=203.0.113.7;host={{canary}}"]],
  ["referer", ["https://{{canary}}.example/"]],
  ["user-agent", ["{{canary}}"]],
  ["content-encoding", ["gzip", "{{canary}}"]],
  ["{{canary}}", ["{{canary}}"]],
  ["__proto__", ["{{canary}}"]],
  ["constructor", ["{{canary}}"]],
];

const otherHeader = fc.constantFrom<HeaderRecipe>(
  ...OTHER_HEADERS.flatMap(([name, values]) => values.map((value) => [name, value] as const)),
);

/** Headers of a question, and of requests that belong to a session. */
const sessionHeaders = fc.tuple(
  fc.constantFrom<HeaderRecipe[]>([["x-session-token", "{{sessionToken}}"]], []),
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<HeaderRecipe[]>([]) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("key-1", "key-2", "key-3")
        .map((key): HeaderRecipe[] => [["idempotency-key", key]]),
    },
  ),
);

/** Headers of a request to a route, without its body's content type. */
export function headersOf(template: string, guard: Guard): fc.Arbitrary<HeaderRecipe[]> {
  const hasSession = template.startsWith("/v1/chat") || template === "/chat";
  const needed = hasSession
    ? sessionHeaders.map((headers) => headers.flat())
    : fc.constant<HeaderRecipe[]>([]);
  const others = fc.oneof(
    { weight: 1, arbitrary: fc.constant<HeaderRecipe[]>([]) },
    { weight: 1, arbitrary: fc.array(otherHeader, { minLength: 1, maxLength: 4 }) },
  );
  return fc.tuple(keysFor(guard), originsFor(guard), needed, others).map((groups) => groups.flat());
}
