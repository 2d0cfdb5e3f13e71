import type { Advice } from "../../config/advice.ts";
import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { Sighting } from "../../http/sightings.ts";
import type { KnownReplica } from "../../peers/peers.ts";
import type { EditableSetting } from "../../settings/editable.ts";
import type { RefusedOrigin } from "../../store/refused-origin-store.ts";
import { type Html, html } from "../html.ts";
import { layout } from "../layout.ts";
import type { Session } from "../session.ts";
import { livePreview } from "../settings/live-preview.ts";
import { OWN } from "../settings/widget-attributes.ts";
import { optionsForm } from "./options-form.ts";
import {
  type Attributes,
  attributesOf,
  elementAttribute,
  type WidgetFields,
  type WidgetProblems,
} from "./options.ts";
import { replicasSection } from "./replicas.ts";
import { settingsView } from "./settings-view.ts";
import { tagsView } from "./tags-view.ts";
import { websiteCheck } from "./website-check.ts";

interface SetupPageOptions {
  readonly link: Link;
  readonly session: Session;
  readonly config: Config;
  readonly fields: WidgetFields;
  readonly problems: WidgetProblems;
  /** The address that visitors use. */
  readonly publicUrl: string;
  readonly widgetKey: string;
  readonly advice: readonly Advice[];
  /** The website that the owner asks about, as it was typed. */
  readonly site: string;
  readonly seen: readonly Sighting[];
  readonly refused: readonly RefusedOrigin[];
  /** What fixes the websites. Undefined: the owner can change them. */
  readonly websitesLock: EditableSetting["lock"];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Empty in a single process. */
  readonly replicas: readonly KnownReplica[];
  readonly databaseBytes: number;
}

export function setupPage(options: SetupPageOptions): Html {
  const { link, session, config, fields, problems, publicUrl, widgetKey } = options;
  const attributes = attributesOf(fields, problems);
  const { allowed } = config.origins;
  return layout({
    link,
    title: "Setup",
    section: "Setup",
    session,
    body: html`<h1>Setup</h1>
      ${warnings(link, options.advice)}
      <div class="sides">
        <div class="stack">
          ${tagsView({ publicUrl, widgetKey, attributes })}
          <section class="card">
            <h2>Options of this tag</h2>
            <p class="hint">
              They are in the tag above and nowhere else: copy it again after a change. The greeting
              and looks of all pages are changed under
              <a href="${link("/dashboard/settings/widget")}">Settings › Widget</a>, without a new
              tag.
            </p>
            ${optionsForm({ link, fields, problems, defaults: defaultsOf(config) })}
          </section>
        </div>
        ${preview(options, attributes)}
      </div>
      ${websiteCheck({ ...options, allowed })}
      ${options.replicas.length > 0 && replicasSection(options.replicas, options.databaseBytes)}
      ${settingsView(link, config)}`,
  });
}

/** Where the owner does what an advice says, by its id. Advice on the environment alone has no page. */
const PAGES: Readonly<Record<string, readonly [section: string, name: string]>> = {
  "any-origin": ["websites", "Websites"],
  "no-website": ["websites", "Websites"],
  "plain-origin": ["websites", "Websites"],
  "shared-domain": ["websites", "Websites"],
  "no-model": ["model", "Model"],
  "demo-model": ["model", "Model"],
};

function warnings(link: Link, advice: readonly Advice[]): Html | undefined {
  if (advice.length === 0) return undefined;
  return html`<section class="notice warn" aria-labelledby="before">
    <h2 id="before">Before you go live</h2>
    <ul>
      ${advice.map(({ id, says, mend }) => html`<li>${says} ${mend} ${pageOf(link, id)}</li>`)}
    </ul>
  </section>`;
}

function pageOf(link: Link, id: string): Html | undefined {
  const [section, name] = PAGES[id] ?? [];
  if (section === undefined) return undefined;
  return html`<a href="${link(`/dashboard/settings/${section}`)}">Settings › ${name}</a>`;
}

/** What the widget shows where the tag says nothing: what the owner has set for all pages, else its own. */
function defaultsOf({ widget }: Config) {
  return {
    title: widget.title ?? OWN.title,
    subtitle: widget.subtitle ?? "AI assistant",
    welcome: widget.greeting ?? OWN.greeting,
    suggestions: widget.suggestions.join(" | ") || "Opening hours | Shipping",
    placeholder: OWN.placeholder,
    notice: widget.notice ?? OWN.notice,
    privacyUrl: widget.privacyUrl ?? "https://example.com/privacy",
    accent: widget.color ?? OWN.color,
  };
}

function preview({ link, config, widgetKey }: SetupPageOptions, attributes: Attributes): Html {
  return livePreview({
    link,
    widgetKey,
    attributes: attributes.flatMap(([name, value]) => {
      const own = elementAttribute(name);
      return own === undefined ? [] : [[own, value] as const];
    }),
    settings: config.widget,
    below: html`<p>
      <a class="button" href="${link("/dashboard/settings/widget")}">Change greeting and looks</a>
    </p>`,
  });
}
