import fc from "fast-check";

import type { BodyEncoding, BodyRecipe, HeaderRecipe } from "./recipe.ts";

/** A body with the headers that go with it. */
interface BodyWithHeaders {
  readonly body: BodyRecipe | undefined;
  readonly headers: readonly HeaderRecipe[];
}

/** Last words that change the scripted model's answer; see scripted-model.ts. */
const WISHES = ["", " [busy]", " [broken]", " [timeout]", " [cut]", " [odd]", " [many]", " [slow]"];

const SESSION_IDS = [...Array.from({ length: 8 }, (_, n) => `visitor-${n}`), "{{session}}"];

const ODD_VALUES: readonly unknown[] = [
  "",
  " ",
  "\t\n\u00a0\u3000",
  "\u0000",
  "{{canary}}\u0000",
  "\ud800",
  "{{canary}}\udfff",
  "👋🏽".repeat(1000),
  "x".repeat(4000),
  "x".repeat(4001),
  "👋".repeat(4000),
  "\u202e{{canary}}",
  "</script><i>{{canary}}",
  "=HYPERLINK({{canary}})",
  "s_aaaaaaaaaaaaaaaaaaaaaa",
  "{{session}}",
  "{{canary}} with space",
  "a/../{{canary}}",
  0,
  -1,
  1e308,
  true,
  null,
  [],
  ["{{canary}}"],
  {},
  { toString: "{{canary}}" },
  { length: 4 },
  { $ne: null },
];

const ODD_NAMES = [
  "role",
  "model",
  "history",
  "messages",
  "system",
  "toString",
  "constructor",
  "{{canary}}",
  "",
  "sessionID",
];

/** Texts that are almost JSON, or unusual JSON. */
const RAW_TEXTS = [
  "",
  "{",
  "{}",
  "[]",
  "null",
  "true",
  "0",
  '"{{canary}}"',
  "{{canary}}",
  "undefined",
  "NaN",
  "1e999",
  "-",
  '{"sessionId":"visitor-1","message":"{{canary}}"',
  '{"sessionId":"visitor-1","message":"{{canary}}"}}',
  '{"sessionId":"visitor-1","message":"{{canary}}",}',
  "{'sessionId':'visitor-1','message':'{{canary}}'}",
  '{"sessionId":"visitor-1","sessionId":"visitor-2","message":"a","message":"{{canary}}"}',
  '{"__proto__":{"message":"{{canary}}"},"sessionId":"visitor-1"}',
  '{"sessionId":"visitor-1","message":"a","__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"message":"{{canary}}"}},"sessionId":"visitor-1"}',
  '{"sessionId":"visitor-1","message":"\\ud800 {{canary}}"}',
  '{"sessionId":"visitor-1","message":"\\u0000 {{canary}}"}',
  '{"sessionId":"visitor-1","message":"{{canary}}\n"}',
  '{"sessionId":"visitor-1","message":1e400}',
  '{"sessionId":"visitor-1","message":123456789012345678901234567890}',
  '{"sessionId":"visitor-1","message":"a","apiKey":"{{adminKey}}"}',
  `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`,
  `${"[".repeat(20_000)}`,
  `[${'{"{{canary}}":0},'.repeat(200)}0]`,
  `{"sessionId":"visitor-1","message":"${"\\u0041".repeat(4000)}"}`,
  "sessionId=visitor-1&message={{canary}}",
  '--x\r\ncontent-disposition: form-data; name="message"\r\n\r\n{{canary}}\r\n--x--',
  "<message>{{canary}}</message>",
  "\ufeff{}",
];

const FORM_TEXTS = [
  "",
  "password={{password}}",
  "password={{password}}&next=/dashboard/setup",
  "password={{canary}}",
  "password={{canary}}&next=//{{canary}}.example",
  "password={{password}}&next=https://{{canary}}.example",
  "password={{password}}&next=%2Fdashboard%0d%0aset-cookie:%20{{canary}}=1",
  "password={{password}}&next=/dashboard/%22%3E%3Ci%3E{{canary}}",
  "password={{canary}}&next=/dashboard/%22%3E%3Ci%3E{{canary}}",
  "password={{password}}&role=admin",
  "password={{adminKey}}",
  "password=",
  "password=a&password={{password}}",
  `password=${"x".repeat(1001)}`,
  "formToken={{formToken}}",
  "formToken={{canary}}",
  "formToken=",
  "formToken={{formToken}}&formToken={{canary}}",
  "formToken={{formToken}}&more={{canary}}",
  "__proto__=1&formToken={{formToken}}",
  "%zz=%ff&formToken={{canary}}",
  '{"formToken":"{{formToken}}"}',
];

const JSON_TYPES = ["application/json", "application/json; charset=utf-8"];
const ODD_TYPES = [
  "",
  "text/plain",
  "text/json",
  "application/jsonp",
  "application/json, text/html",
  "application/json;charset=utf-16",
  "application/vnd.api+json",
  "APPLICATION/JSON",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "multipart/form-data",
  "application/octet-stream",
  "application/{{canary}}",
  "*/*",
  "json",
];

const ENCODINGS: readonly BodyEncoding[] = ["bom", "utf16", "latin1", "gzip", "cut", "none"];

const NO_BODY: BodyWithHeaders = { body: undefined, headers: [] };

const sessionId = fc.constantFrom(...SESSION_IDS);
const question = fc
  .tuple(sessionId, fc.constantFrom("question", "question {{canary}}"), fc.constantFrom(...WISHES))
  .map(([id, words, wish]) => JSON.stringify({ sessionId: id, message: `${words}${wish}` }));
const oddValue = fc.constantFrom(...ODD_VALUES);
const nearlyAQuestion = fc.oneof(
  fc.tuple(oddValue, fc.constant("question")).map(([id, message]) => ({ sessionId: id, message })),
  fc.tuple(sessionId, oddValue).map(([id, message]) => ({ sessionId: id, message })),
  fc.tuple(sessionId, fc.constantFrom(...ODD_NAMES), oddValue).map(([id, name, value]) => ({
    sessionId: id,
    message: "question",
    [name]: value,
  })),
  fc.constantFrom({ sessionId: "visitor-1" }, { message: "{{canary}}" }),
);
const anyJson = fc.json({ maxDepth: 4 });
const anyBytes = fc.uint8Array({ maxLength: 64 }).map((bytes): BodyRecipe => ({
  text: Buffer.from(bytes).toString("latin1"),
  encoding: "latin1",
}));

const oddText = fc.oneof(
  { weight: 4, arbitrary: nearlyAQuestion.map((value) => JSON.stringify(value)) },
  { weight: 3, arbitrary: fc.constantFrom(...RAW_TEXTS) },
  { weight: 1, arbitrary: anyJson },
);

/** Bodies of the given right texts, and of anything else. */
function bodiesOf(right: fc.Arbitrary<string>, types: readonly string[]) {
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...types) },
    { weight: 1, arbitrary: fc.constantFrom(...JSON_TYPES, ...ODD_TYPES) },
  );
  const text = fc.oneof({ weight: 5, arbitrary: right }, { weight: 3, arbitrary: oddText });
  const encoding = fc.oneof(
    { weight: 300, arbitrary: fc.constant<BodyEncoding>("utf8") },
    { weight: 20, arbitrary: fc.constantFrom(...ENCODINGS) },
    { weight: 1, arbitrary: fc.constant<BodyEncoding>("more than 2 MB") },
  );
  const plain = fc.record({ text, encoding });
  const body = fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: anyBytes });
  return fc.tuple(body, type).map(([made, mediaType]): BodyWithHeaders => {
    return { body: made, headers: mediaType === "" ? [] : [["content-type", mediaType]] };
  });
}

const questions = bodiesOf(question, JSON_TYPES);
const emptyBodies = fc.oneof(
  { weight: 4, arbitrary: fc.constant(NO_BODY) },
  { weight: 1, arbitrary: bodiesOf(fc.constantFrom("{}", ""), JSON_TYPES) },
);
const loginForms = bodiesOf(fc.constantFrom(...FORM_TEXTS), ["application/x-www-form-urlencoded"]);
const buttonForms = bodiesOf(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("formToken={{formToken}}") },
    { weight: 1, arbitrary: fc.constantFrom(...FORM_TEXTS) },
  ),
  ["application/x-www-form-urlencoded"],
);

const ratings = bodiesOf(
  fc.constantFrom(
    '{"rating":"positive"}',
    '{"rating":"negative","reasons":["wrong"],"comment":"{{canary}}"}',
    '{"rating":"positive","comment":"{{canary}}"}',
    '{"rating":null}',
    '{"rating":"{{canary}}"}',
  ),
  JSON_TYPES,
);
const PERSON_REQUEST = '{"sessionId":"{{session}}","consent":"Write to me.","note":"{{canary}}"';
const personRequests = bodiesOf(
  fc.constantFrom(
    `${PERSON_REQUEST}}`,
    `${PERSON_REQUEST},"contact":{"kind":"email","value":"a@example.com"}}`,
    `${PERSON_REQUEST},"contact":{"kind":"email","value":"{{canary}}@a.example,b@a.example"}}`,
    `${PERSON_REQUEST},"contact":{"kind":"phone","value":"{{canary}}"}}`,
    `${PERSON_REQUEST},"turnId":"{{turn}}"}`,
    `${PERSON_REQUEST},"question":"{{canary}}"}`,
    `${PERSON_REQUEST},"question":"{{canary}}","contact":{"kind":"email","value":"a@example.com"}}`,
    '{"sessionId":"visitor-1","consent":"Write to me.","contact":{"kind":"phone","value":"12345"}}',
  ),
  JSON_TYPES,
);

const takeovers = bodiesOf(
  fc.constantFrom("", "{}", '{"name":"Anna"}', '{"name":"{{canary}}"}', '{"name":"a\\nb"}'),
  JSON_TYPES,
);
const ownerMessages = bodiesOf(
  fc.constantFrom(
    '{"text":"I am here."}',
    '{"text":"{{canary}}","name":"Anna"}',
    '{"text":" ","name":"Anna"}',
    '{"text":"{{canary}}","name":"{{canary}}","author":"model"}',
  ),
  JSON_TYPES,
);
const ownerForms = bodiesOf(
  fc.constantFrom(
    "formToken={{formToken}}&key=k&text=I+am+here.",
    "formToken={{formToken}}&key={{canary}}&text={{canary}}",
    "formToken={{formToken}}&key=k&text=+",
    "formToken={{canary}}&key=k&text={{canary}}",
  ),
  ["application/x-www-form-urlencoded"],
);

/** Bodies that a route expects, and others that it does not. */
export function bodiesFor(method: string, template: string): fc.Arbitrary<BodyWithHeaders> {
  if (method === "PUT" && template.endsWith("/rating")) return ratings;
  if (method !== "POST") {
    return fc.oneof(
      { weight: 20, arbitrary: fc.constant(NO_BODY) },
      { weight: 1, arbitrary: questions },
    );
  }
  if (/^\/dashboard\/(?:login|claim)$/.test(template)) return loginForms;
  if (/^\/dashboard\/.*\/messages$/.test(template)) return ownerForms;
  if (template.startsWith("/dashboard")) return buttonForms;
  if (template === "/v1/chat/requests") return personRequests;
  if (/^\/v1\/admin\/.*\/takeover$/.test(template)) return takeovers;
  if (/^\/v1\/admin\/.*\/messages$/.test(template)) return ownerMessages;
  return template === "/v1/sessions" || /\/(?:stop|typing)$/.test(template)
    ? emptyBodies
    : questions;
}
