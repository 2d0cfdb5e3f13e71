import type { Answer } from "../support/answers.ts";

interface ReadAnswers {
  readonly answers: readonly Answer[];
  /** The bytes after the answers, which are not a complete answer. */
  readonly rest: string;
}

/** Reads the answers that came over a connection (RFC 9112). Either none or all of them answer a HEAD. */
export function readAnswers(received: Buffer, { isHead = false } = {}): ReadAnswers {
  const answers: Answer[] = [];
  let at = 0;
  for (;;) {
    const found = readOne(received, at, isHead);
    if (found === undefined) return { answers, rest: received.toString("latin1", at) };
    // An interim response is not an answer: 100 says that the body may be sent.
    if (found.answer.status >= 200) answers.push(found.answer);
    at = found.end;
  }
}

interface Found {
  readonly answer: Answer;
  readonly end: number;
}

function readOne(received: Buffer, start: number, isHead: boolean): Found | undefined {
  const headEnd = received.indexOf("\r\n\r\n", start);
  if (headEnd === -1) return undefined;
  const [statusLine = "", ...lines] = received.toString("latin1", start, headEnd).split("\r\n");
  const [, code = ""] = /^HTTP\/1\.1 (\d{3})(?: [\x20-\x7e]*)?$/.exec(statusLine) ?? [];
  if (code === "") throw new Error(`Not a status line: ${statusLine}`);
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const status = Number(code);
  const bodyStart = headEnd + 4;
  const found = isHead
    ? { body: "", end: bodyStart }
    : readBody(received, bodyStart, headers, status);
  return found && { answer: { status, headers, body: found.body }, end: found.end };
}

function readBody(received: Buffer, start: number, headers: Headers, status: number) {
  if (headers.get("transfer-encoding") === "chunked") return readChunks(received, start);
  const length = headers.get("content-length");
  const isEmpty = status < 200 || status === 204 || status === 304 || length === null;
  const end = start + (isEmpty ? 0 : Number(length));
  return end > received.length ? undefined : { body: received.toString("utf8", start, end), end };
}

function readChunks(received: Buffer, start: number) {
  const chunks: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = received.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(received.toString("latin1", at, lineEnd), 16);
    const begin = lineEnd + 2;
    const end = begin + size + 2;
    if (end > received.length) return undefined;
    chunks.push(received.subarray(begin, begin + size));
    at = end;
    if (size === 0) return { body: Buffer.concat(chunks).toString(), end };
  }
}
