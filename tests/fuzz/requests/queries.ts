import fc from "fast-check";

const VALUES = [
  "",
  "0",
  "1",
  "5",
  "200",
  "201",
  "-1",
  "1e2",
  "0x10",
  "999999999",
  "99999999999999999999",
  "NaN",
  "true",
  "ndjson",
  "csv",
  "2026-11-23",
  "2026-02-30",
  "2026-11-23T12:00:00Z",
  "275760-09-13",
  "{{canary}}",
  "%22%3E%3Ci%3E{{canary}}",
  "%27%20OR%201%3D1%20--",
  "%22{{canary}}%22%20NEAR%20*",
  "a*%20OR%20(b",
  "%00",
  "%",
  "%zz",
  "%ff",
  "%ed%a0%80",
  "%F0%9F%8C%8D",
  "{{session}}",
  "{{conversation}}",
  "{{turn}}",
  "visitor-1",
  "{{widgetKey}}",
  "{{adminKey}}",
  "MTc2.MQ",
  "[object%20Object]",
  "x".repeat(250),
];

const NAMES = [
  "sessionId",
  "after",
  "limit",
  "cursor",
  "q",
  "from",
  "to",
  "format",
  "chunks",
  "silence",
  "all",
  "title",
  "accent",
  "theme",
  "lang",
  "next",
  "limit[]",
  "q[$ne]",
  "q.x",
  "__proto__",
  "__proto__[admin]",
  "constructor",
  "toString",
  "apiKey",
  "x-api-key",
  "{{canary}}",
  "",
];

const JUNK = ["&", "=", "&&=&", "?", "??", "%", "%zz", "{{canary}}", "a=%ff", "+", "q=a;limit=1"];

/** Queries that make a request to the route complete. */
const RIGHT: Readonly<Record<string, readonly string[]>> = {
  "/v1/chat/history": ["?sessionId={{session}}"],
  "/v1/chat/stream/:turnId": ["", "?after=0", "?after=1", "?after=2"],
  "/v1/admin/conversations": [
    "",
    "?limit=5",
    "?q={{canary}}",
    "?q=question&limit=2",
    "?from=2026-11-01&to=2026-11-30",
  ],
  "/v1/admin/conversations/export": ["", "?format=csv", "?format=ndjson"],
  "/v1/admin/requests": ["", "?status=closed&limit=2", "?cursor={{canary}}"],
  "/v1/admin/diagnostics/stream": ["?chunks=1&silence=0"],
  "/dashboard/conversations": ["", "?q=question", "?from=2026-11-01"],
  "/dashboard/conversations/:id": [
    "",
    "?before=1",
    "?before=999999999999999",
    "?message=1&q=question",
    "?view=source",
  ],
  "/dashboard/events": ["?of=knowledge", "?of=c_1"],
  "/dashboard/export": ["", "?format=csv"],
  "/dashboard": ["", "?days=7&figure=failed"],
  "/dashboard/setup": ["", "?title=Chat&accent=%230f766e&site=shop.example&zIndex=9"],
};

const pair = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES))
  .map(([name, value]) => `${name}=${value}`);
const piece = fc.oneof(
  { weight: 6, arbitrary: pair },
  { weight: 1, arbitrary: fc.constantFrom(...JUNK) },
);
const odd = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => `?${pieces.join("&")}`);

/** Queries that a route expects, and others that it does not. */
export function queriesOf(template: string): fc.Arbitrary<string> {
  const right = RIGHT[template] ?? [""];
  const whole = fc.constantFrom(...right);
  const more = fc
    .tuple(whole, piece)
    .map(([query, part]) => `${query === "" ? "?" : `${query}&`}${part}`);
  return fc.oneof(
    { weight: 8, arbitrary: whole },
    { weight: 1, arbitrary: odd },
    { weight: 1, arbitrary: more },
  );
}
