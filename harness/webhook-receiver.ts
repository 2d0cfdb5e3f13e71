/** What a receiver was sent. */
export interface ReceivedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly path: string;
}

type Answer = (request: ReceivedRequest) => Response | Promise<Response>;

export interface WebhookReceiver {
  readonly url: string;
  readonly received: readonly ReceivedRequest[];
  /** From now on, it answers like this. */
  answer(how: Answer): void;
  stop(): Promise<void>;
}

const TAKEN: Answer = () => new Response(null, { status: 204 });

/** A server on loopback that takes the notices of a webhook, of ntfy or of Telegram, and answers as it is told to. */
export function startWebhookReceiver(first: Answer = TAKEN): WebhookReceiver {
  let answer = first;
  const received: ReceivedRequest[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const entry = {
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
        path: new URL(request.url).pathname,
      };
      received.push(entry);
      return answer(entry);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/hook`,
    received,
    answer: (how) => void (answer = how),
    stop: () => server.stop(true),
  };
}
