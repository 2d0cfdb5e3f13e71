import { expect, test } from "bun:test";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { openRaw } from "../support/raw-http.ts";
import { ADMIN_KEY, chatRequest, createTestApp, WIDGET_KEY } from "../support/test-app.ts";

test("HEAD of a streamed answer has no Content-Length, and the next request is answered", async () => {
  const model = startModelServer(answer("Hello there"));
  const app = createTestApp({ modelUrl: model.url });
  const asked = await app.fetch("/v1/chat", chatRequest({ sessionId: "visitor", message: "Hi" }));
  const { turnId } = (await asked.json()) as { turnId: string };
  const connection = await openRaw(app.listen());
  for (const path of [
    "/v1/admin/conversations/export",
    "/v1/admin/conversations/export?format=csv",
    "/v1/admin/diagnostics/stream",
    `/v1/chat/stream/${turnId}`,
  ]) {
    connection.write(
      `HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nx-admin-api-key: ${ADMIN_KEY}\r\nx-api-key: ${WIDGET_KEY}\r\n\r\n`,
    );
    const { status, headers } = await connection.head();
    expect([path, status, headers.get("content-length")]).toEqual([path, 200, null]);
  }
  connection.close();
  await app.close();
  await model.stop();
});
