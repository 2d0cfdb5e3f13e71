import type { Config } from "../config/config.ts";
import type { Link } from "../http/link.ts";
import icon from "./icon.svg" with { type: "text" };
import { widgetFiles } from "./widget-files.ts";

interface DemoPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

/**
 * The first page that a developer sees: the widget, ready to try, and the next steps.
 * @param address of this server, for the tag to copy
 */
export function demoPage(
  { keys, model, widget }: Pick<Config, "keys" | "model" | "widget">,
  link: Link,
  address: string,
): DemoPage {
  const key = Bun.escapeHTML(keys.widget[0] ?? "");
  const tag = (source: string) =>
    `<script src="${source}" data-api-key="${key}" data-suggestions="What can you do? | Show me a table | Show me some code" defer></script>`;
  const modelStep =
    model.kind !== "openai"
      ? `The built-in demo model answers for now. <a href="${link("/dashboard/settings/model")}">Choose one in the dashboard</a>: a provider and its key, or the address of any server that speaks OpenAI's API.`
      : `<strong>${Bun.escapeHTML(model.name)}</strong> answers. <a href="${link("/dashboard/settings/instructions")}">Its instructions</a> are in the dashboard, with a playground.`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>chatporch</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
${tag(link(widgetFiles.loader.path))}
</head>
<body>
<main>
<p class="state">chatporch is running</p>
<h1>Say hello to your chat</h1>
<p class="lead">It is in the corner of this page, just as it will be on your website. This page exists in development only.</p>
<ol>
<li><h2>Try it</h2><p>Ask for a table or some code, and reload the page in the middle of an answer.</p></li>
<li><h2>Give it a model</h2><p>${modelStep}</p></li>
<li><h2>Put it on your website</h2><p>One tag. <a href="${link("/dashboard/setup")}">The setup page</a> has its options, with a preview.</p>
<pre tabindex="0"><code>${Bun.escapeHTML(`<script\n  src="${address}${widgetFiles.loader.path}"\n  data-api-key="${keys.widget[0] ?? ""}"\n  defer\n></script>`)}</code></pre></li>
<li><h2>Read along</h2><p><a href="${link("/dashboard")}">The dashboard</a> shows every conversation as it happens.</p></li>
</ol>
</main>
</body>
</html>
`;
  return { html, contentSecurityPolicy: contentSecurityPolicy(widget.logo) };
}

/** The dashboard's icon, without a second request. */
const ICON = `data:image/svg+xml,${encodeURIComponent(icon)}`;

const STYLE = `
:root { color-scheme: light dark; --text: #181b20; --muted: #59616e; --line: #e2e5ea; --subtle: #f3f4f6; --accent: #0f766e; }
@media (prefers-color-scheme: dark) { :root { --text: #eceef2; --muted: #a4acb9; --line: #343942; --subtle: #1f2228; --accent: #5cc8bb; } }
* { box-sizing: border-box; margin: 0; }
body { font: 16px/1.6 system-ui, sans-serif; color: var(--text); padding: 12vh 24px 120px; }
main { max-width: 640px; margin: 0 auto; }
h1 { font-size: 36px; line-height: 1.2; letter-spacing: -.02em; margin: 8px 0 12px; text-wrap: balance; }
h2 { font-size: 17px; line-height: 1.4; }
a { color: var(--accent); }
.state { color: var(--muted); font-size: 14px; }
.lead { color: var(--muted); font-size: 18px; }
ol { list-style: none; padding: 0; margin-top: 40px; counter-reset: step; }
li { counter-increment: step; position: relative; padding: 20px 0 20px 48px; border-top: 1px solid var(--line); }
li::before { content: counter(step); position: absolute; left: 0; top: 20px; width: 28px; height: 28px; border-radius: 50%; background: var(--subtle); font-size: 14px; line-height: 28px; text-align: center; font-weight: 600; }
li p { color: var(--muted); }
code { font: 14px ui-monospace, Menlo, Consolas, monospace; color: var(--text); overflow-wrap: anywhere; }
/* Beside the open panel, not below it. */
@media (min-width: 900px) { body { padding-right: 456px; } }
pre { margin-top: 12px; padding: 14px 16px; border-radius: 10px; background: var(--subtle); overflow-x: auto; }
`;

/** As strict as the widget allows, so that every visit to this page tests the widget under such a policy. */
function contentSecurityPolicy(logo: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    // The icon of the page, and the owner's logo.
    `img-src data: ${originOf(logo)}`.trim(),
    `style-src 'sha256-${new Bun.CryptoHasher("sha256").update(STYLE).digest("base64")}'`,
    "require-trusted-types-for 'script'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Empty when there is none, or one whose host has other characters than names have: they could end a directive. */
function originOf(url = ""): string {
  const origin = URL.canParse(url) ? new URL(url).origin : "";
  return /^https?:\/\/[\w.:[\]-]+$/.test(origin) ? origin : "";
}
