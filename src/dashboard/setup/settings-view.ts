import type { Config } from "../../config/config.ts";
import { GROUPS, settingsInForce, type ShownSetting } from "../../config/groups.ts";
import { loadConfig } from "../../config/load.ts";
import type { Link } from "../../http/link.ts";
import { formatCount } from "../formats.ts";
import { type Html, html } from "../html.ts";

const TITLES: { readonly [Group in keyof Config]: string } = {
  server: "Server",
  database: "Database",
  replicas: "Several servers",
  model: "Model",
  assistant: "Assistant",
  knowledge: "Knowledge",
  turns: "Answers",
  keys: "Keys and passwords",
  origins: "Websites",
  limits: "Limits",
  spending: "Spending",
  proof: "Proof of work",
  redaction: "Redaction",
  widget: "Widget",
  people: "People",
  notices: "Notices",
  calendar: "Calendar",
  log: "Log",
};

/** The settings in force, in groups. Those at their defaults are folded away. */
export function settingsView(link: Link, config: Config): Html {
  const defaults = new Set(defaultSettings(config).map(textOf));
  const all = settingsInForce(config);
  const atDefault = all.filter((each) => defaults.has(textOf(each)));
  const changed = all.filter((each) => !defaults.has(textOf(each)));
  return html`<section class="card">
    <h2>Current settings</h2>
    <p class="hint">
      From the environment and <code>.env</code>, read at the start, and from
      <a href="${link("/dashboard/settings/model")}">Settings</a>, in force at once.
    </p>
    ${groupsView(changed)}
    <details id="defaults">
      <summary>${formatCount(atDefault.length, "setting")} at the default</summary>
      <div class="stack">${groupsView(atDefault)}</div>
    </details>
  </section>`;
}

function groupsView(settings: readonly ShownSetting[]): Html[] {
  const groups = Map.groupBy(settings, ({ name }) => titleOf(name));
  return Array.from(
    groups,
    ([title, listed]) =>
      html`<h3>${title}</h3>
        <dl class="settings">
          ${listed.map(
            ({ name, value }) =>
              html`<div>
                <dt>${name}</dt>
                <dd dir="auto">${value}</dd>
              </div>`,
          )}
        </dl>`,
  );
}

function titleOf(name: string): string {
  const found = Object.entries(GROUPS).find(([, group]) => name in group.shown);
  const titles: Readonly<Record<string, string>> = TITLES;
  return titles[found?.[0] ?? ""] ?? "Others";
}

/** What would be in force if nobody had set anything but the environment's name. */
function defaultSettings({ server }: Config): ShownSetting[] {
  return settingsInForce(loadConfig({ NODE_ENV: server.environment }, () => "").config);
}

function textOf({ name, value }: ShownSetting): string {
  return `${name} ${value}`;
}
