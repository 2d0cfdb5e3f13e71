import { ConfigError } from "../../config/problems.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import { KEY_ID_FIELD, KEY_NAME_FIELD, keysBody } from "./keys-page.ts";
import {
  NOTHING_DONE,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";

/** The keys that the script tags of the websites have. */
export function createKeysSection(settings: OwnerSettings): SettingsSection {
  const { keys } = settings;

  async function make({ fields, by }: SubmittedForm): Promise<Submitted> {
    try {
      await keys.make(fields[KEY_NAME_FIELD] ?? "", by);
      return { kind: "done", says: "made" };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const [{ problem } = { problem: "could not be made" }] = error.problems;
      return wrong(`This ${problem}.`);
    }
  }

  async function revoke({ fields, by }: SubmittedForm): Promise<Submitted> {
    const id = fields[KEY_ID_FIELD] ?? "";
    const key = keys.list().find((each) => each.id === id);
    if (key === undefined) return NOTHING_DONE;
    if (key.revokedAt === undefined && settings.config.keys.widget.length === 1) {
      return wrong("The only good key cannot be revoked: make another one first.");
    }
    await keys.revoke(id, by);
    return { kind: "done", says: "revoked" };
  }

  return {
    id: "keys",
    name: "Widget keys",
    fieldNames: [KEY_NAME_FIELD],
    body: (view) =>
      keysBody(view, {
        keys: keys.list(),
        valid: settings.config.keys.widget,
        lock: settings.lockOf("WIDGET_API_KEY"),
        problem: view.problems.get(KEY_NAME_FIELD),
      }),
    submit: (form) => {
      if (form.fields.action === "make") return make(form);
      if (form.fields.action === "revoke") return revoke(form);
      return Promise.resolve(NOTHING_DONE);
    },
  };
}

function wrong(problem: string): Submitted {
  return { kind: "again", status: 400, problems: new Map([[KEY_NAME_FIELD, problem]]) };
}
