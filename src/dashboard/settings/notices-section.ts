import type { Config } from "../../config/config.ts";
import type { Link } from "../../http/link.ts";
import type { Outbox } from "../../notices/outbox.ts";
import { channelsOf } from "../../notices/set-up.ts";
import { webhookSecrets } from "../../notices/webhook-secret.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { NoticeStore } from "../../store/notice-store.ts";
import type { SecretStore } from "../../store/store.ts";
import { html } from "../html.ts";
import { enteredTexts, saveFields } from "./entry.ts";
import { fieldsForm } from "./fields-form.ts";
import { CHANNEL_FORMS, type ChannelForm, NOTICE_FIELDS, PRIVATE_FIELDS } from "./notice-fields.ts";
import {
  channelCard,
  chatsFailureView,
  chatsView,
  secretView,
  trialResultView,
} from "./notices-page.ts";
import {
  NOTHING_DONE,
  type SectionView,
  type SettingsSection,
  type Submitted,
  type SubmittedForm,
} from "./section.ts";

export interface NoticesSectionDeps {
  readonly settings: OwnerSettings;
  readonly config: Pick<Config, "notices">;
  readonly outbox: Pick<Outbox, "try" | "wake" | "findChats">;
  readonly store: Pick<NoticeStore, "channelStates" | "listGivenUp" | "sendAgain"> & SecretStore;
  readonly link: Link;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How many notices that were given up are shown of a channel. */
const SHOWN_GIVEN_UP = 20;
const SAVE_PRIVATE = "save-private";

/** Where the owner is notified, and how each channel does. */
export function createNoticesSection(deps: NoticesSectionDeps): SettingsSection {
  const { settings, config, outbox, store, now } = deps;

  async function body(view: SectionView) {
    const states = await store.channelStates();
    const cards = CHANNEL_FORMS.map(async (form) => {
      const { channel } = form;
      const isSetUp = channelsOf(config.notices).includes(channel);
      const state = states.find((each) => each.channel === channel);
      const givenUp =
        state && state.givenUp > 0 ? await store.listGivenUp(channel, SHOWN_GIVEN_UP) : [];
      const canFindChats = !isSetUp && hasToken(form);
      return channelCard(view, { ...deps, form, isSetUp, canFindChats, state, givenUp });
    });
    return html`${view.shown} ${await Promise.all(cards)}
      <section class="card">
        <h2>Private addresses</h2>
        ${fieldsForm(view, settings, {
          id: "private-form",
          fields: PRIVATE_FIELDS,
          action: SAVE_PRIVATE,
          words: "Save",
        })}
      </section>`;
  }

  async function test({ channel, name }: ChannelForm): Promise<Submitted> {
    if (!channelsOf(config.notices).includes(channel)) return NOTHING_DONE;
    const result = await outbox.try(channel);
    return { kind: "again", status: 200, shown: trialResultView(name, result) };
  }

  function hasToken({ findsChats }: ChannelForm): boolean {
    return findsChats !== undefined && config.notices.parts.telegramToken !== undefined;
  }

  async function findChats(form: ChannelForm): Promise<Submitted> {
    if (!hasToken(form)) return NOTHING_DONE;
    try {
      return { kind: "again", status: 200, shown: chatsView(await outbox.findChats()) };
    } catch (error) {
      const { sentenceOf, toDeliveryError } = await import("../../notices/attempt.ts");
      const says = sentenceOf(toDeliveryError(error));
      return { kind: "again", status: 200, shown: chatsFailureView(says) };
    }
  }

  async function sendAgain({ channel }: ChannelForm): Promise<Submitted> {
    await store.sendAgain(channel, now());
    outbox.wake();
    return { kind: "done", says: "again" };
  }

  async function showSecret(): Promise<Submitted> {
    const [secret] = await webhookSecrets(config.notices, store);
    const isOwn = (config.notices.webhook?.secrets.length ?? 0) > 0;
    if (secret === undefined || isOwn) return NOTHING_DONE;
    return { kind: "again", status: 200, shown: secretView(secret) };
  }

  async function submit(form: SubmittedForm): Promise<Submitted> {
    const { action = "" } = form.fields;
    if (action === SAVE_PRIVATE) {
      return saveFields(settings, enteredTexts(PRIVATE_FIELDS, form.fields), form);
    }
    if (action === "secret") return showSecret();
    const [what, channel] = action.split(".");
    const wanted = CHANNEL_FORMS.find((each) => each.channel === channel);
    if (wanted === undefined) return NOTHING_DONE;
    if (what === "test") return test(wanted);
    if (what === "find") return findChats(wanted);
    if (what === "again") return sendAgain(wanted);
    if (what !== "save") return NOTHING_DONE;
    return saveFields(settings, enteredTexts(wanted.fields, form.fields), form);
  }

  return {
    id: "notices",
    name: "Notices",
    fieldNames: NOTICE_FIELDS.map(({ name }) => name),
    body,
    submit,
  };
}
