import type { Link } from "../../http/link.ts";
import { type Content, type Html, html } from "../html.ts";
import { layout } from "../layout.ts";
import type { Session } from "../session.ts";
import { type Confirmation, CONFIRMATIONS, type SettingsSection } from "./section.ts";

export const SETTINGS_PATH = "/dashboard/settings";

interface ProblemElsewhere {
  /** Of the setting. */
  readonly name: string;
  readonly says: string;
  /** Where it is set. */
  readonly at: SettingsSection | undefined;
}

interface SettingsPageOptions {
  readonly link: Link;
  readonly session: Session;
  readonly sections: readonly SettingsSection[];
  readonly section: SettingsSection;
  /** What was just done, from the address. */
  readonly done: string | null;
  /** What comes next while the server is not set up. */
  readonly next: Content;
  /** Problems of settings that are not on this page. */
  readonly problems: readonly ProblemElsewhere[];
  /** Settings of this page that are stored and not in force, because they do not fit any more. */
  readonly ignored: readonly string[];
  readonly body: Content;
}

export function settingsPage(options: SettingsPageOptions): Html {
  const { link, session, sections, section, done, next, problems, ignored, body } = options;
  return layout({
    link,
    title: `${section.name} · Settings`,
    section: "Settings",
    session,
    body: html`<h1>Settings</h1>
      <div class="tabbed">
        <nav class="tabs" aria-label="Settings">
          ${sections.map(
            ({ id, name }) =>
              html`<a
                href="${link(`${SETTINGS_PATH}/${id}`)}"
                ${id === section.id && html`aria-current="page"`}
                >${name}</a
              >`,
          )}
        </nav>
        <div class="stack">
          ${
            isConfirmation(done) &&
            html`<p class="notice good" role="status">${CONFIRMATIONS[done]} ${next}</p>`
          }
          ${problems.map(
            ({ name, says, at }) =>
              html`<p class="notice bad" role="alert">
                <code>${name}</code>: ${says}
                ${at && html`<a href="${link(`${SETTINGS_PATH}/${at.id}#${name}`)}">${at.name}</a>`}
              </p>`,
          )}
          ${
            ignored.length > 0 &&
            html`<p class="notice warn">
              Stored but not in use, because it conflicts with the environment or this version:
              <code>${ignored.join(", ")}</code>. Save it again, or clear its field.
            </p>`
          }
          ${body}
        </div>
      </div>`,
  });
}

function isConfirmation(done: string | null): done is Confirmation {
  return done !== null && Object.hasOwn(CONFIRMATIONS, done);
}
