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
    return orWrong("This", async () => {
      await keys.make(fields[KEY_NAME_FIELD] ?? "", by);
      return { kind: "done", says: "made" };
    });
  }

  async function revoke({ fields, by }: SubmittedForm): Promise<Submitted> {
    return orWrong("This key", async () => {
      const isThere = await keys.revoke(fields[KEY_ID_FIELD] ?? "", by);
      return isThere ? { kind: "done", says: "revoked" } : NOTHING_DONE;
    });
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

/** What the work does, or the form again with the reason why it cannot be done. */
async function orWrong(what: string, work: () => Promise<Submitted>): Promise<Submitted> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map(({ problem }) => `${what} ${problem}.`);
    return {
      kind: "again",
      status: 400,
      problems: new Map([[KEY_NAME_FIELD, problems.join(" ")]]),
    };
  }
}
