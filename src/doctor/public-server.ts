import type { ReplicaList, SeenRequest } from "../admin/schema.ts";
import { parseIpAddress } from "../net/ip-address.ts";
import { connectionFault } from "./connection-fault.ts";
import { cleaned, isReplicaList, isSeenRequest } from "./diagnosis.ts";
import { FORGED_ADDRESS, SENT_CONNECTION } from "./forged-request.ts";

/** Longer than any working server takes, and shorter than a proxy waits for a dead one (60 s). */
const ANSWER_TIMEOUT_MS = 15_000;

/** Thrown when a request through the public address fails. `mend` says what to do. */
export class UnreachableError extends Error {
  readonly mend: string;

  constructor(says: string, mend: string) {
    super(says);
    this.name = "UnreachableError";
    this.mend = mend;
  }
}

/** The answer that a browser gets for an address. */
export interface LoadedFile {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
}

interface PublicServerOptions {
  readonly url: string;
  readonly adminKey: string | undefined;
  /** False: the certificate is not trusted. Requests are sent anyway, but without the owner's key. */
  readonly hasTrustedCertificate: boolean;
}

/** The reason why the owner's key is not sent: there is none, or somebody on the way could read it. */
export type KeyWithheld = "none" | "plain http" | "certificate";

/** The server, as a visitor's browser reaches it. Some requests carry the owner's key. */
export class PublicServer {
  readonly url: URL;
  /** The address that visitors use, without a trailing slash. */
  readonly base: string;
  readonly keyWithheld: KeyWithheld | undefined;
  readonly #options: PublicServerOptions;

  constructor(options: PublicServerOptions) {
    this.#options = options;
    this.base = options.url.replace(/\/+$/, "");
    this.url = new URL(options.url);
    this.keyWithheld = keyWithheld(this.url, options);
  }

  /** Requests /health and returns the headers of the answer. @throws UnreachableError */
  async reach(): Promise<Headers> {
    const response = await this.#fetch("/health");
    const text = await readText(response);
    if (response.status === 200 && /^\{"status":"ok"\}$/.test(text)) return response.headers;
    const isRedirect = response.status >= 300 && response.status < 400;
    throw new UnreachableError(
      `${this.base}/health answers ${response.status}, but not as chatporch does`,
      isRedirect
        ? "The address redirects: give the one it leads to with --url, and set PUBLIC_URL to it."
        : "Is the server running, and does the proxy pass every path on to its port?",
    );
  }

  /** Requests a path under the address without a key. @throws UnreachableError */
  async load(path: string): Promise<LoadedFile> {
    const response = await this.#fetch(path);
    const text = await readText(response);
    const mediaType = response.headers.get("content-type")?.split(";")[0] ?? "";
    return { status: response.status, mediaType, text };
  }

  /** @throws UnreachableError */
  async seen(): Promise<SeenRequest> {
    const headers = {
      "x-forwarded-for": FORGED_ADDRESS,
      ...(this.url.protocol === "http:" ? { connection: SENT_CONNECTION } : {}),
    };
    const response = await this.#diagnose("request", headers);
    const body: unknown = await response.json().catch(() => undefined);
    if (isSeenRequest(body)) return cleaned(body);
    throw new UnreachableError("the diagnostics are not understood", "Update both to one version.");
  }

  /** @throws UnreachableError */
  async replicas(): Promise<ReplicaList> {
    const response = await this.#diagnose("replicas", {});
    const body: unknown = await response.json().catch(() => undefined);
    if (isReplicaList(body)) return body;
    throw new UnreachableError("the diagnostics are not understood", "Update both to one version.");
  }

  /** Requests a stream with the given rhythm. @throws UnreachableError */
  async stream(chunks: number, silenceSeconds: number): Promise<Response> {
    const query = new URLSearchParams({ chunks: `${chunks}`, silence: `${silenceSeconds}` });
    const timeoutMs = ANSWER_TIMEOUT_MS + silenceSeconds * 1000;
    return this.#diagnose(`stream?${query}`, { accept: "text/event-stream" }, timeoutMs);
  }

  /** Sends the preflight of a page of the origin and returns the headers. @throws UnreachableError */
  async preflight(origin: string): Promise<Headers> {
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-api-key",
    };
    const response = await this.#fetch("/v1/chat/stream", { method: "OPTIONS", headers });
    await readText(response);
    return response.headers;
  }

  async #diagnose(
    path: string,
    headers: Readonly<Record<string, string>>,
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<Response> {
    const key = this.keyWithheld === undefined ? this.#options.adminKey : undefined;
    const init = { headers: { ...headers, ...(key ? { "x-admin-api-key": key } : {}) } };
    const response = await this.#fetch(`/v1/admin/diagnostics/${path}`, init, timeoutMs);
    if (response.ok) return response;
    await readText(response);
    const mend = MENDS[response.status] ?? "Look at the logs of the server and of the proxy.";
    throw new UnreachableError(`the server's diagnostics answer ${response.status}`, mend);
  }

  async #fetch(
    path: string,
    init: RequestInit = {},
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<Response> {
    const signal = AbortSignal.timeout(timeoutMs);
    const tls = { rejectUnauthorized: this.#options.hasTrustedCertificate };
    try {
      // Redirects are not followed, because the key would be sent to another address.
      return await fetch(`${this.base}${path}`, { ...init, tls, signal, redirect: "manual" });
    } catch (error) {
      const { says, mend } = connectionFault(error);
      throw new UnreachableError(`${this.base} cannot be reached: ${says}`, mend);
    }
  }
}

function keyWithheld(
  url: URL,
  { adminKey, hasTrustedCertificate }: PublicServerOptions,
): KeyWithheld | undefined {
  if (adminKey === undefined) return "none";
  if (isThisMachine(url.hostname)) return undefined;
  if (url.protocol !== "https:") return "plain http";
  return hasTrustedCertificate ? undefined : "certificate";
}

/** Whether the address belongs to this machine, so that nobody is on the way. */
function isThisMachine(hostname: string): boolean {
  const address = parseIpAddress(hostname.replace(/^\[|\]$/g, ""));
  if (address === undefined) return /^(?:.+\.)?localhost$/.test(hostname);
  return address.length === 4 ? address[0] === 127 : address.join() === IPV6_LOOPBACK.join();
}

const IPV6_LOOPBACK = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

const MENDS: Readonly<Record<number, string>> = {
  401: "The running server has another ADMIN_API_KEY: restart it, or run this command with its settings.",
  404: "Another version of chatporch is running there, or the proxy does not pass /v1/admin/ on.",
  429: "The rate limit of this address is used up: wait for a minute.",
  502: "The proxy does not reach the server: is the server running, and on the port that the proxy uses?",
  503: "The running server has no ADMIN_API_KEY: restart it with these settings.",
  504: "The proxy got no answer from the server in time: look at the proxy's logs.",
};

async function readText(response: Response): Promise<string> {
  // An incomplete body counts as an empty one.
  return response.text().catch(() => "");
}
