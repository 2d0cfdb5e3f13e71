import { readEvents } from "../faults/visitor.ts";
import { type PlannedTurn, questionOf } from "./planned-turn.ts";

/** Sends a request of a visitor to a server, with its keys. The body is sent as JSON. */
export type Send = (
  path: string,
  request: { readonly body?: object; readonly signal?: AbortSignal },
) => Promise<Response>;

/** How a turn ended for its visitor: in a word, or with the code of an error. */
type VisitorNews = "answered" | "stopped" | "left" | "lost" | (string & {});

interface VisitorsOptions {
  readonly turns: number;
  readonly plan: (number: number) => PlannedTurn;
  /** The servers. A visitor asks each in turn. */
  readonly servers: readonly Send[];
  readonly visitors: number;
  /** Called after each turn. */
  readonly onTurn?: (news: VisitorNews) => void;
  /** True: nobody asks any more. */
  readonly isOver?: () => boolean;
}

/** A conversation is as long as this, so that prompts have histories of all lengths. */
const TURNS_OF_A_SESSION = 8;
const BUSY_MS = 20;

/** Asks the turns of a plan, several visitors at a time. Resolves with how often each end came, when all are over. */
export async function askPlanned(options: VisitorsOptions): Promise<Map<VisitorNews, number>> {
  const { turns, plan, servers, visitors, onTurn, isOver } = options;
  const tally = new Map<VisitorNews, number>();
  let next = 0;

  async function visit(visitor: number): Promise<void> {
    for (let asked = 0; next < turns && !isOver?.(); asked += 1) {
      next += 1;
      const turn = plan(next);
      const sessionId = `visitor-${visitor}-${Math.floor(asked / TURNS_OF_A_SESSION)}`;
      const send = servers[(visitor + asked) % servers.length];
      if (send === undefined) throw new Error("There is no server.");
      const news = await askTurn(send, sessionId, turn);
      tally.set(news, (tally.get(news) ?? 0) + 1);
      onTurn?.(news);
    }
  }

  await Promise.all(Array.from({ length: visitors }, (_, visitor) => visit(visitor)));
  return tally;
}

async function askTurn(send: Send, sessionId: string, turn: PlannedTurn): Promise<VisitorNews> {
  const body = { sessionId, message: questionOf(turn) };
  for (;;) {
    const leaving = new AbortController();
    try {
      const path = turn.isStreamed ? "/v1/chat/stream" : "/v1/chat";
      const asking = send(path, { body, signal: leaving.signal });
      // Nobody reads a whole answer that comes late.
      const timer = turn.isStreamed || turn.visitorEnd !== "leaves" ? undefined : leaving;
      if (timer !== undefined) setTimeout(() => timer.abort(), turn.tokens);
      const response = await asking;
      if (response.status === 409) {
        // The answer that the visitor has left is still under way.
        await response.arrayBuffer();
        await Bun.sleep(BUSY_MS);
        continue;
      }
      if (response.status !== 200) return codeOf(await response.json());
      if (!turn.isStreamed) {
        await response.arrayBuffer();
        return "answered";
      }
      return await readAnswer(response, turn, send, leaving);
    } catch {
      if (leaving.signal.aborted) return "left";
      // The server was killed. Its visitors try again at their own pace.
      await Bun.sleep(BUSY_MS);
      return "lost";
    }
  }
}

async function readAnswer(
  response: Response,
  { tokens: length, visitorEnd }: PlannedTurn,
  send: Send,
  leaving: AbortController,
): Promise<VisitorNews> {
  let turnId = "";
  let tokens = 0;
  for await (const event of readEvents(response)) {
    if (event.type === "start") turnId = event.turnId;
    if (event.type === "error") return event.code;
    if (event.type === "done") return event.finishReason === "stopped" ? "stopped" : "answered";
    if (event.type !== "token") continue;
    tokens += 1;
    if (tokens !== Math.ceil(length / 2)) continue;
    if (visitorEnd === "stops") void stop(send, turnId);
    // Leaving the loop cancels the body, as a closed tab does.
    if (visitorEnd === "leaves") {
      leaving.abort();
      return "left";
    }
  }
  return "lost";
}

async function stop(send: Send, turnId: string): Promise<void> {
  try {
    const response = await send(`/v1/chat/stream/${turnId}/stop`, {});
    await response.arrayBuffer();
  } catch {
    // The server was killed.
  }
}

function codeOf(body: unknown): string {
  return (body as { readonly code: string }).code;
}
