import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { SessionCookie } from "../session.ts";
import { changePassword, type PasswordChangeDeps } from "./password-change.ts";
import { PASSWORD_FIELDS, passwordBody } from "./password-page.ts";
import { NOTHING_DONE, type SettingsSection, type Submitted } from "./section.ts";

export interface PasswordSectionDeps extends PasswordChangeDeps {
  readonly settings: Pick<OwnerSettings, "lockOf">;
  readonly cookie: SessionCookie;
}

/** The password that opens the dashboard. */
export function createPasswordSection(deps: PasswordSectionDeps): SettingsSection {
  const lock = deps.settings.lockOf("DASHBOARD_PASSWORD");

  return {
    id: "password",
    name: "Password",
    fieldNames: PASSWORD_FIELDS,
    body: (view) => passwordBody(view, lock),
    async submit(form): Promise<Submitted> {
      if (lock !== undefined || form.fields.action !== "change") return NOTHING_DONE;
      const change = await changePassword(form, deps);
      if (change.kind === "refused") {
        return { kind: "again", status: 400, problems: change.problems };
      }
      const { token } = change;
      // Somebody else may have changed it at the same time. Then this login has ended, too.
      const headers =
        token === undefined ? {} : { "set-cookie": deps.cookie.write(token, form.request) };
      return { kind: "done", says: "password", headers };
    },
  };
}
