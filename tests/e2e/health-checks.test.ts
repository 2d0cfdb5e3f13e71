import { afterEach, expect, setDefaultTimeout, test } from "bun:test";

import { KEYS } from "../../harness/chat-requests.ts";
import { freePort } from "../../harness/free-port.ts";
import { cleanUp, startChatporch } from "../../harness/process.ts";
import { hasProxy, type RunningProxy, sayWhichAreMissing, startProxy } from "../support/proxies.ts";

/** HAProxy's own health checks: HTTP/1.0 without a Host, unless they are configured otherwise. */

setDefaultTimeout(30_000);
sayWhichAreMissing(["HAProxy"]);

let proxy: RunningProxy | undefined;
afterEach(async () => {
  await proxy?.stop();
  await cleanUp();
});

/** HAProxy passes requests to healthy servers only; for others it answers by itself. */
async function untilStatus(url: string, status: number): Promise<void> {
  while ((await fetch(url)).status !== status) await Bun.sleep(50);
}

test.skipIf(!hasProxy("HAProxy")).each([
  ["option httpchk", ""],
  ["option httpchk GET /health", ""],
  ["option httpchk HEAD /ready", ""],
  ["option httpchk GET /help/chat/ready", "https://example.com/help/chat"],
])("HAProxy finds the server healthy with `%s`", async (check, PUBLIC_URL) => {
  const serverPort = freePort();
  proxy = await startProxy(
    "HAProxy",
    ({ port }) => `
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    # By default, the 50 ms between two checks.
    timeout check 5s
frontend site
    bind 127.0.0.1:${port}
    default_backend chatporch
backend chatporch
    ${check}
    server one 127.0.0.1:${serverPort} check inter 50ms fall 1 rise 2
`,
  );
  // A server counts as healthy before its first check, so one has to fail first: nothing listens yet.
  await untilStatus(`${proxy.url}/v1/openapi.json`, 503);
  await startChatporch({ ...KEYS, PORT: `${serverPort}`, PUBLIC_URL });
  await untilStatus(`${proxy.url}/v1/openapi.json`, 200);
  expect((await fetch(`${proxy.url}/ready`)).status).toBe(200);
});
