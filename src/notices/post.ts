import { connectionFault } from "../net/connection-fault.ts";
import type { LookUp } from "../net/find-host.ts";
import { fetchAt, retryAfterMs } from "../net/outbound.ts";
import { DeliveryError } from "./channel.ts";
import { findReceiver, PRIVATE_ADVICE } from "./find-receiver.ts";
import { createReceiversWords } from "./receivers-words.ts";

export interface PostOptions {
  readonly lookUp: LookUp;
  /** Whether the receiver may be inside of a network, and asked without TLS. */
  readonly allowsPrivate: boolean;
  readonly userAgent: string;
  /** Texts that the receiver's words must not bring to a page. */
  readonly secrets: readonly string[];
  /** Certificates to trust besides the machine's own. */
  readonly ca?: string | undefined;
}

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** POST by default. The others only look. */
  readonly method?: "POST" | "GET" | "HEAD";
  readonly body?: string;
  /** So much of the answer is read. Default: 8 KB. */
  readonly maxAnswerBytes?: number | undefined;
}

export interface Answer {
  readonly status: number;
  /** How long the receiver wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** The beginning of the answer's body. */
  readonly text: string;
  /** The same for people: in one line, cut, and without secrets. */
  readonly says: string;
}

/**
 * Sends a request to an address that the owner has named, and follows no redirect.
 * @throws DeliveryError where there is no answer
 */
export type Post = (request: PostRequest, signal: AbortSignal) => Promise<Answer>;

const MAX_ANSWER_BYTES = 8192;

export function createPost(options: PostOptions): Post {
  const { allowsPrivate, userAgent, secrets, ca } = options;
  const toWords = createReceiversWords(secrets);
  return async (wanted, signal) => {
    const { url: address, headers, method = "POST", body } = wanted;
    const url = new URL(address);
    if (url.protocol !== "https:" && !allowsPrivate) throw failed(NO_TLS);
    try {
      const addresses = await findReceiver(url.hostname, options, signal);
      const request = {
        method,
        headers: {
          "user-agent": userAgent,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body }),
        signal,
      };
      const response = await fetchAt(url, addresses, request, ca);
      const text = await readBeginning(response, wanted.maxAnswerBytes ?? MAX_ANSWER_BYTES);
      return {
        status: response.status,
        retryAfterMs: retryAfterMs(response.headers),
        text,
        says: toWords(text),
      };
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      throw failed(connectionFault(error).reason);
    }
  };
}

const NO_TLS = `Its address does not begin with https://. ${PRIVATE_ADVICE}`;

function failed(reason: string): DeliveryError {
  return new DeliveryError(reason, { kind: "retry" });
}

/** What comes after it is not waited for. */
async function readBeginning(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  for (let bytes = 0; bytes < maxBytes;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel().catch(() => undefined);
  return text.slice(0, maxBytes);
}

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** The failure that an answer with another status than 2xx is. */
export function failureOf({ status, retryAfterMs: pauseMs, says }: Answer): DeliveryError {
  const kind = status === 410 ? "gone" : "retry";
  const reason = STATUS_REASONS[status] ?? `The receiver answered with status ${status}.`;
  const isRedirect = status >= 300 && status < 400;
  return new DeliveryError(isRedirect ? REDIRECTED : reason, {
    kind,
    says,
    retryAfterMs: PAUSING.has(status) ? (pauseMs ?? 0) : undefined,
  });
}

/** The receiver is busy, and may say for how long. */
const PAUSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const REDIRECTED =
  "The receiver redirects to another address, which is not followed. Enter the final address.";

const STATUS_REASONS: Readonly<Record<number, string>> = {
  401: "The receiver wants another key (401).",
  403: "The receiver refuses it (403).",
  404: "The receiver does not know this address (404).",
  410: "The receiver wants no more notices (410).",
  429: "The receiver is asked too often (429).",
};
