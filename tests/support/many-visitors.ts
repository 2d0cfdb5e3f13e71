import { ask } from "../../harness/chat-requests.ts";

/**
 * Many visitors who ask at once, in a process of their own: fetch's cap is read when a process starts.
 * Usage: BUN_CONFIG_MAX_HTTP_REQUESTS=N bun many-visitors.ts URL COUNT; prints a VisitorResult a line.
 */
export interface VisitorResult {
  readonly visitor: number;
  readonly status: number;
  readonly body: string;
}

async function visit(url: string, visitor: number): Promise<void> {
  const response = await ask(url, `Question ${visitor}`, { sessionId: `visitor-${visitor}` });
  const result: VisitorResult = { visitor, status: response.status, body: await response.text() };
  console.log(JSON.stringify(result));
}

if (import.meta.main) {
  const [url = "", count = "0"] = process.argv.slice(2);
  await Promise.all(Array.from({ length: Number(count) }, (_, index) => visit(url, index)));
}
