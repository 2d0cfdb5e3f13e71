/** A message as ntfy takes it (https://docs.ntfy.sh/publish/#publish-as-json). */
export interface NtfyMessage {
  readonly topic: string;
  readonly title?: string;
  readonly message?: string;
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly click?: string;
  readonly actions?: readonly unknown[];
}

export interface NtfyServer {
  /** The address of the topic. */
  readonly url: string;
  readonly messages: readonly NtfyMessage[];
  stop(): Promise<void>;
}

const MAX_ACTIONS = 3;
const MAX_PRIORITY = 5;

/**
 * Plays an ntfy 2 server on loopback, with one topic that only a token opens. It refuses with the words and the codes of
 * the real one.
 */
export function startNtfyServer({ topic, token }: { topic: string; token: string }): NtfyServer {
  const messages: NtfyMessage[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const what = `${request.method} ${pathname}`;
      if (what !== "POST /" && what !== `GET /${topic}/auth`) {
        return refusal(404, 40401, "page not found");
      }
      if (request.headers.get("authorization") !== `Bearer ${token}`) {
        return refusal(401, 40101, "unauthorized");
      }
      if (request.method === "GET") return Response.json({ success: true });
      const message = await readMessage(request);
      if (message instanceof Response) return message;
      if (message.topic !== topic) return refusal(403, 40301, "forbidden");
      messages.push(message);
      const id = `ntfy${messages.length}`;
      return Response.json({
        id,
        time: Math.floor(Date.now() / 1000),
        event: "message",
        ...message,
      });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/${topic}`,
    messages,
    stop: () => server.stop(true),
  };
}

async function readMessage(request: Request): Promise<NtfyMessage | Response> {
  const message = (await request.json().catch(() => undefined)) as NtfyMessage | undefined;
  if (typeof message !== "object") {
    return refusal(400, 40024, "invalid request: request body must be message JSON");
  }
  const { topic, priority = 3, actions = [] } = message;
  if (!/^[-_A-Za-z0-9]{1,64}$/.test(topic)) {
    return refusal(400, 40009, "invalid request: topic invalid");
  }
  if (!Number.isInteger(priority) || priority < 1 || priority > MAX_PRIORITY) {
    return refusal(400, 40007, "invalid priority parameter");
  }
  return actions.length > MAX_ACTIONS
    ? refusal(400, 40018, "invalid request: actions invalid, only 3 actions allowed")
    : message;
}

function refusal(http: number, code: number, error: string): Response {
  return Response.json(
    { code, http, error, link: "https://ntfy.sh/docs/publish/" },
    { status: http },
  );
}
