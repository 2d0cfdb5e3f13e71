/**
 * Many visitors who ask at once, in a process of their own: fetch's cap is read when a process starts.
 * Usage: BUN_CONFIG_MAX_HTTP_REQUESTS=N bun many-visitors.ts URL KEY COUNT; prints a VisitorResult a line.
 */
export interface VisitorResult {
  readonly visitor: number;
  readonly status: number;
  readonly body: string;
}

async function visit(url: string, key: string, visitor: number): Promise<void> {
  const response = await fetch(`${url}/v1/chat/stream`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify({ sessionId: `visitor-${visitor}`, message: `Question ${visitor}` }),
  });
  const result: VisitorResult = { visitor, status: response.status, body: await response.text() };
  console.log(JSON.stringify(result));
}

if (import.meta.main) {
  const [url = "", key = "", count = "0"] = process.argv.slice(2);
  await Promise.all(Array.from({ length: Number(count) }, (_, index) => visit(url, key, index)));
}
