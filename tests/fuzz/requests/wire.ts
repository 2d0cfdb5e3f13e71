import fc from "fast-check";

/** The text written to a connection, in parts that can be read when a test fails. */
interface WireRecipe {
  /** The number of complete requests to an open route before the text. */
  readonly before: number;
  /** Latin-1, one byte for each character. `{{name}}` stands for a value as in a Recipe. */
  readonly text: string;
  /** Whether a last complete request asks to close the connection. */
  readonly hasEnd: boolean;
  /** The number of pieces in which the bytes are written. */
  readonly pieces: number;
}

const METHODS = [
  "GET",
  "GET",
  "GET",
  "POST",
  "POST",
  "POST",
  "DELETE",
  "PUT",
  "PATCH",
  "OPTIONS",
  "PROPFIND",
];
const ODD_METHODS = ["get", "FUZZ", "G ET", "", "\0", "PRI", "GET\t", "P\xd6ST", "X".repeat(5000)];

const TARGETS = [
  "/health",
  "/v1/chat",
  "/v1/chat/stream",
  "/chat",
  "/v1/sessions",
  "/v1/admin/conversations",
  "/v1/admin/conversations/{{canary}}",
  "/v1/chat/history?sessionId={{canary}}",
  "/metrics",
  "/dashboard",
  "/dashboard/login",
  "/dashboard/claim",
  "/widget/chat-widget.js",
  "/{{canary}}",
];
const ODD_TARGETS = [
  "",
  "*",
  "//",
  "///v1/admin/conversations",
  "/../v1/admin/conversations",
  "/health/../v1/admin/conversations",
  "/health/%2e%2e/v1/admin/conversations",
  "/widget/..%2f..%2fv1/admin/conversations",
  "/v1//admin/conversations",
  "/v1/admin/conversations#{{canary}}",
  "/v1/admin/conversations?%",
  "/health?{{canary}}#/v1",
  "/health\\..\\v1\\chat",
  "/v1/admin/conversations/..\\..\\..\\health",
  "/v1/ch\0at",
  "/v1/chat\x01{{canary}}",
  "/\xff\xfe",
  "/v1/chat {{canary}}",
  "v1/chat",
  "http://localhost/v1/admin/conversations",
  "http://{{canary}}.example/v1/admin/conversations",
  "https://localhost:99999/v1/chat",
  "http://",
  "localhost:80",
  "?{{canary}}",
  `/${"a".repeat(20_000)}`,
  `/v1/chat?${"a=1&".repeat(4000)}`,
];

const VERSIONS = [
  "HTTP/1.0",
  "HTTP/2.0",
  "HTTP/0.9",
  "HTTP/1.",
  "HTTP/11",
  "http/1.1",
  "{{canary}}",
  "",
];

const HOSTS = [
  "host: localhost",
  "host: chat.example.com",
  "Host:localhost:4000",
  "host:",
  "host: /",
  "host: {{canary}}",
  "host: a b",
  "host: [::1",
  "host: localhost:99999",
  "host: user@localhost",
  "host: localhost/v1/admin/conversations?",
  "host: \xff",
  "host: localhost\r\nhost: {{canary}}",
  "x: no host",
];

const HEADERS = [
  "accept: text/event-stream",
  "origin: https://www.example.com",
  "origin: https://{{canary}}.example",
  "x-forwarded-for: {{canary}}",
  "x-api-key: {{partOfWidgetKey}}",
  "x-api-key: {{canary}}",
  "x-admin-api-key: {{canary}}",
  "authorization: Bearer {{canary}}",
  "cookie: __Host-chatporch={{canary}}",
  "content-type: application/json",
  "{{canary}}: {{canary}}",
  "expect: 100-continue",
  "expect: {{canary}}",
  "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: {{canary}}",
  "upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABk",
  "connection: close",
  "connection: keep-alive, {{canary}}",
];
const ODD_HEADERS = [
  ":",
  ": {{canary}}",
  "{{canary}}",
  "na me: {{canary}}",
  "name : {{canary}}",
  " folded {{canary}}",
  "\tfolded",
  "x: \0",
  "x: \x01\x7f",
  "x: a\rb",
  "x: \xff\xfe",
  "x\xe9: {{canary}}",
  "content-length: -1",
  "content-length: +5",
  "content-length: 5, 5",
  "content-length: 0x5",
  "content-length: 99999999999999999999",
  "content-length: {{canary}}",
  "content-length: 5\r\ncontent-length: 6",
  "transfer-encoding: chunked\r\ncontent-length: 5",
  "transfer-encoding: gzip, chunked",
  "transfer-encoding: chunked, identity",
  "transfer-encoding: {{canary}}",
  "transfer-encoding:\x0bchunked",
  `x: ${"h".repeat(20_000)}`,
  `${"n".repeat(20_000)}: x`,
  "x: y\r\n".repeat(300).trimEnd(),
];

const QUESTION = '{"sessionId":"wire","message":"question"}';

/** The end of a head, and a body whose framing is right, wrong or ambiguous. */
const BODIES = [
  "",
  "content-length: 0\r\n\r\n",
  `content-length: ${QUESTION.length}\r\n\r\n${QUESTION}`,
  `content-length: 7\r\n\r\n${QUESTION}`,
  `content-length: 500\r\n\r\n${QUESTION}`,
  `content-length: 3000000\r\n\r\n${QUESTION}`,
  chunked(`${QUESTION.length.toString(16)}\r\n${QUESTION}\r\n0\r\n\r\n`),
  chunked("1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
  chunked("0\r\n\r\n"),
  chunked("0\r\nx-trailer: {{canary}}\r\n\r\n"),
  chunked("2;ext={{canary}}\r\n{}\r\n0\r\n\r\n"),
  chunked("2\r\n{}0\r\n\r\n"),
  chunked("2\n{}\n0\n\n"),
  chunked("-2\r\n{}\r\n0\r\n\r\n"),
  chunked("0x2\r\n{}\r\n0\r\n\r\n"),
  chunked("{{canary}}\r\n{}\r\n0\r\n\r\n"),
  chunked("ffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
  chunked("7fffffffffffffff\r\n{}"),
  chunked("00000000000000000000002\r\n{}\r\n0\r\n\r\n"),
  chunked("\r\n\r\n"),
  chunked("5\r\n{}"),
];

function chunked(body: string): string {
  return `transfer-encoding: chunked\r\n\r\n${body}`;
}

/** Chooses a usual value `weight` times as often as an odd one. */
function mostly<T>(usual: readonly T[], odd: readonly T[], weight: number): fc.Arbitrary<T> {
  return fc.oneof(
    { weight, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
}

const request = fc
  .record({
    method: mostly(METHODS, ODD_METHODS, 25),
    target: mostly(TARGETS, ODD_TARGETS, 4),
    version: mostly(["HTTP/1.1"], VERSIONS, 30),
    host: mostly(["host: localhost"], HOSTS, 12),
    headers: fc.array(mostly(HEADERS, ODD_HEADERS, 7), { maxLength: 3 }),
    lineEnd: mostly(["\r\n"], ["\n", "\r"], 50),
    body: fc.constantFrom(...BODIES),
  })
  .map(({ method, target, version, host, headers, lineEnd, body }) => {
    const head = [`${method} ${target} ${version}`, host, ...headers].join(lineEnd);
    return body === "" ? `${head}${lineEnd}${lineEnd}` : `${head}${lineEnd}${body}`;
  });

const noise = fc
  .uint8Array({ minLength: 1, maxLength: 200 })
  .map((bytes) => Buffer.from(bytes).toString("latin1"));

/** The beginning of another protocol. */
const GREETINGS = [
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "SSH-2.0-{{canary}}\r\n",
  "EHLO {{canary}}\r\n",
  "\r\n\r\n\r\n",
  "\0\0\0\0",
];

/** Connections on which almost anything is written, except a right key. */
export const connections: fc.Arbitrary<WireRecipe> = fc.record({
  before: fc.constantFrom(0, 0, 1, 3),
  text: fc.oneof(
    { weight: 20, arbitrary: request },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: fc.constantFrom(...GREETINGS) },
    { weight: 2, arbitrary: fc.tuple(request, request).map((both) => both.join("")) },
  ),
  hasEnd: fc.boolean(),
  pieces: fc.constantFrom(1, 1, 1, 2, 20),
});
