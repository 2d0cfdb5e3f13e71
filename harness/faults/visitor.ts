import type { ChatEvent } from "../../src/conversation/events.ts";
import { ask, type AskOptions } from "../chat-requests.ts";
import { parseSse, type SseMessage } from "../streams.ts";
import type { Ledger, LedgerTurn } from "./ledger.ts";

/** How a visitor asks. */
interface Asking extends Omit<AskOptions, "sessionId"> {
  readonly mode?: "stream" | "json";
}

/**
 * Asks a question and enters everything that is acknowledged into the ledger. Resolves when the answer has
 * ended in any way: here, a server that dies is not an error.
 */
export async function askAndNote(
  url: string,
  ledger: Ledger,
  sessionId: string,
  question: string,
  { mode = "stream", ...options }: Asking = {},
): Promise<LedgerTurn> {
  const turn = ledger.ask(sessionId, question);
  const path = mode === "stream" ? "/v1/chat/stream" : "/v1/chat";
  try {
    const response = await askPatiently(url, question, { path, sessionId, ...options });
    if (response.status !== 200) turn.refused(codeOf(await response.text()));
    else if (mode === "json") turn.hearWhole(JSON.parse(await response.text()));
    else for await (const event of readEvents(response)) turn.hear(event);
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
  }
  return turn;
}

/** How often a question is asked again when the server has no room. */
const MAX_REFUSALS = 10;

/** Asks a question. When the server has no room, asks again after the time in Retry-After. */
export async function askPatiently(
  url: string,
  question: string,
  options: AskOptions,
): Promise<Response> {
  for (let refusals = 0; ; refusals += 1) {
    const response = await ask(url, question, options);
    const isFull = response.status === 503 && response.headers.has("retry-after");
    if (!isFull || refusals === MAX_REFUSALS) return response;
    await response.arrayBuffer();
    await Bun.sleep(Number(response.headers.get("retry-after")) * 1000);
  }
}

/** Yields the events of a response as they arrive. Throws the connection's errors. */
export async function* readEvents(response: Response): AsyncGenerator<ChatEvent> {
  for await (const { data } of readMessages(response)) yield data;
}

/** As readEvents, with the events' numbers. */
export async function* readMessages(response: Response): AsyncGenerator<SseMessage> {
  if (!response.body) throw new Error("The response has no body.");
  const utf8 = new TextDecoder();
  let pending = "";
  for await (const bytes of response.body) {
    pending += utf8.decode(bytes, { stream: true });
    const end = pending.lastIndexOf("\n\n");
    if (end === -1) continue;
    yield* parseSse(pending.slice(0, end + 2));
    pending = pending.slice(end + 2);
  }
}

function codeOf(body: string): string {
  const { code }: { code: string } = JSON.parse(body);
  return code;
}

/** Whether the server has ended or the client has left. Neither is a fault in what was received. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === "AbortError") return true;
  return "code" in error && /^(?:ECONN|Connection|EPIPE|UND_)/.test(String(error.code));
}
