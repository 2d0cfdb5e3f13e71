import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { openPage } from "../support/browser.ts";
import { createTestApp } from "../support/test-app.ts";
import { startWebsite } from "../support/website.ts";
import { widgetTag } from "../support/widget-tag.ts";
import { RICH } from "./states.ts";

/**
 * Makes one picture of the widget, deep-chat and @n8n/chat, side by side, with the same question and answer. Needs Chromium,
 * and the npm registry, from which it installs the other two into a temporary folder.
 * Usage: bun tests/pictures/beside.ts FILE.png [light | dark]
 */
const [file, colorScheme = "light"] = process.argv.slice(2);
if (file === undefined) throw new Error("Usage: bun tests/pictures/beside.ts FILE.png");

const PACKAGES = ["deep-chat@2.4.2", "@n8n/chat@0.60.0"];
const SIZE = { width: 540, height: 760 };
const QUESTION = "Do you ship to Norway?";

const folder = mkdtempSync(join(tmpdir(), "chatporch-beside-"));
await Bun.write(join(folder, "package.json"), '{"private":true}');
await Bun.$`bun add --ignore-scripts ${PACKAGES}`.cwd(folder).quiet();
const read = (path: string) => Bun.file(join(folder, "node_modules", path)).text();

const website = startWebsite();
const model = startModelServer(answer(RICH));
const app = createTestApp({ modelUrl: model.url, env: { CORS_ORIGIN: website.origin } });
const server = app.listen();
const n8n = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () =>
    Response.json(
      { output: RICH },
      { headers: { "access-control-allow-origin": "*", "access-control-allow-headers": "*" } },
    ),
});
website.scripts.set("/deep-chat.js", await read("deep-chat/dist/deepChat.bundle.js"));
website.scripts.set("/n8n.js", await read("@n8n/chat/dist/chat.bundle.es.js"));

const json = (value: unknown) =>
  JSON.stringify(value).replaceAll("'", "&#39;").replaceAll("<", "\\u003c");
const history = [
  { role: "user", text: QUESTION },
  { role: "ai", text: RICH },
];

/** What stands on each page, and when it is ready. */
const PAGES = [
  {
    body: widgetTag(server, 'data-title="Hearth & Grain"'),
    ready: "window.Chatporch",
    ask: `Chatporch.send(${JSON.stringify(QUESTION)})`,
    answered: "$('.log .assistant:not(.pending) .copy')",
  },
  {
    body: `<script type="module" src="/deep-chat.js"></script><deep-chat demo="true" style="position:fixed;right:24px;bottom:24px;width:392px;height:640px" history='${json(history)}'></deep-chat>`,
    ready: "customElements.get('deep-chat')",
    ask: "true",
    answered: "$$('.ai-message-text, .message-bubble').length > 1",
  },
  {
    body: `<style>${await read("@n8n/chat/dist/style.css")}</style><script type="module">import { createChat } from "/n8n.js"; createChat({ webhookUrl: "${n8n.url.href}", showWelcomeScreen: false, initialMessages: ["Hi! How can I help you?"] });</script>`,
    ready: "$('.chat-window-toggle')",
    ask: "$('.chat-window-toggle').click()",
    answered: "$('.chat-window textarea')",
  },
] as const;

const images: string[] = [];
for (const { body, ready, ask, answered } of PAGES) {
  website.show(body);
  const page = await openPage({ ...SIZE, colorScheme: colorScheme === "dark" ? "dark" : "light" });
  await page.goto(website.origin);
  await page.waitFor(ready);
  await page.evaluate(`void (${ask})`);
  await page.waitFor(answered);
  if (body.includes("n8n")) {
    await page.fill(".chat-window textarea", QUESTION);
    await page.press("Enter");
    await page.waitFor("$('.chat-message-from-bot table')");
  }
  // Long enough for the movements of all three.
  await Bun.sleep(1500);
  const { data } = await page.cdp<{ data: string }>("Page.captureScreenshot", { format: "png" });
  images.push(`<img src="data:image/png;base64,${data}" width="${SIZE.width}">`);
  page.close();
}
website.show("");
const sheet = await openPage({ width: SIZE.width * images.length, height: SIZE.height });
await sheet.goto(website.origin);
await sheet.evaluate(
  `(document.body.style = "margin:0;display:flex", document.body.innerHTML = ${JSON.stringify(images.join(""))}, true)`,
);
const { data } = await sheet.cdp<{ data: string }>("Page.captureScreenshot", { format: "png" });
await Bun.write(file, Buffer.from(data, "base64"));

rmSync(folder, { recursive: true });
void n8n.stop(true);
await app.close();
await model.stop();
await website.stop();
process.exit(0);
