import type { Config } from "../../config/config.ts";
import { missingSettings } from "../../config/notice-gaps.ts";
import type { Link } from "../../http/link.ts";
import { isOff } from "../../notices/set-up.ts";
import type { FoundChat } from "../../notices/telegram-chats.ts";
import type { TrialResult } from "../../notices/try-channel.ts";
import type { OwnerSettings } from "../../settings/owner-settings.ts";
import type { ChannelState, GivenUpNotice } from "../../store/notice-store.ts";
import { agoElement, formatCount, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { fieldsForm } from "./fields-form.ts";
import { type ChannelForm, EVENT_WORDS } from "./notice-fields.ts";
import type { SectionView } from "./section.ts";

interface ChannelCard {
  readonly settings: OwnerSettings;
  readonly config: Pick<Config, "notices">;
  readonly link: Link;
  readonly now: () => number;
  readonly form: ChannelForm;
  readonly isSetUp: boolean;
  /** Whether only the chat is missing. */
  readonly canFindChats: boolean;
  readonly state: ChannelState | undefined;
  /** The newest notices that were given up. */
  readonly givenUp: readonly GivenUpNotice[];
}

/** The form of a channel, a button to test it, and how it does. */
export function channelCard(view: SectionView, card: ChannelCard): Html {
  const { channel, name, hint, fields } = card.form;
  return html`<section class="card stack" id="${channel}">
    <h2>${name}</h2>
    <p class="hint">${hint}</p>
    ${fieldsForm(view, card.settings, {
      id: `${channel}-form`,
      fields,
      action: `save.${channel}`,
      words: "Save",
    })}
    ${missingView(card)} ${card.canFindChats && finderView(view, card)}
    ${card.isSetUp && html`${stateView(card)} ${buttons(view, card)} ${givenUpView(view, card)}`}
  </section>`;
}

/** What a channel still needs that has something already. */
function missingView({ form, config }: ChannelCard): Content {
  const missing = missingSettings(config.notices);
  const labels = form.fields
    .filter(({ name }) => missing.includes(name))
    .map(({ label }) => `“${label}”`);
  if (labels.length === 0) return undefined;
  return html`<p class="notice warn">
    Not in use yet: ${labels.join(" and ")} ${labels.length === 1 ? "is" : "are"} empty.
  </p>`;
}

function finderView({ session, path }: SectionView, { form }: ChannelCard): Html {
  return html`<form method="post" action="${path}" data-busy="Looking…">
    ${formToken(session)}
    <p class="buttons">
      <button name="action" value="find.${form.channel}">${form.findsChats}</button>
    </p>
  </form>`;
}

function stateView({ state, config, now }: ChannelCard): Content {
  if (state === undefined) return undefined;
  const { waiting, nextAt, deliveredAt, failedAt, error, off } = state;
  const isFailing = failedAt !== undefined && failedAt > (deliveredAt ?? 0);
  return html`${
      off !== undefined &&
      isOff(state, config.notices) &&
      html`<p class="notice bad" role="alert">
        Off since ${timeElement(off.at)}: the receiver wants no more notices. A test that succeeds
        switches it on again.
      </p>`
    }
    ${
      isFailing &&
      html`<p class="notice bad">
        Last failure ${agoElement(failedAt, now())}: <span dir="auto">${error}</span>
      </p>`
    }
    <p class="hint">
      ${deliveredAt === undefined ? "Nothing has been delivered yet." : html`Last delivered ${agoElement(deliveredAt, now())}.`}
      ${failedAt !== undefined && !isFailing && html`Last failure ${agoElement(failedAt, now())}: <span dir="auto">${error}</span>`}
      ${waiting > 0 && html`${formatCount(waiting, "notice waits", "notices wait")}; the next try is ${nextAt === undefined || nextAt <= now() ? "now" : html`at ${timeElement(nextAt)}`}.`}
    </p>`;
}

function buttons({ session, path }: SectionView, { form, config }: ChannelCard): Html {
  const { channel } = form;
  const showsSecret = channel === "webhook" && config.notices.webhook?.secrets.length === 0;
  return html`<form method="post" action="${path}" data-busy="Sending…">
    ${formToken(session)}
    <p class="buttons">
      <button name="action" value="test.${channel}">Send a test</button>
      ${showsSecret && html`<button name="action" value="secret">Show the signing secret</button>`}
    </p>
  </form>`;
}

function givenUpView({ session, path }: SectionView, card: ChannelCard): Content {
  const { form, state, givenUp, link } = card;
  if (state === undefined || state.givenUp === 0) return undefined;
  return html`<details>
    <summary>${formatCount(state.givenUp, "notice")} could not be delivered</summary>
    <div class="stack">
      <ol class="rows">
        ${givenUp.map(
          ({ kind, at, conversationId, error }) =>
            html`<li>
              <p>
                ${timeElement(at)} · ${wordsOf(kind)}
                ${
                  conversationId !== undefined &&
                  html` · <a href="${link(`/dashboard/conversations/${conversationId}`)}">Open</a>`
                }
              </p>
              <p class="hint" dir="auto">${error}</p>
            </li>`,
        )}
      </ol>
      <form method="post" action="${path}">
        ${formToken(session)}
        <p class="buttons">
          <button name="action" value="again.${form.channel}">
            Send ${formatCount(state.givenUp, "notice")} again
          </button>
        </p>
      </form>
    </div>
  </details>`;
}

function wordsOf(kind: string): string {
  const words: Readonly<Record<string, string>> = EVENT_WORDS;
  return words[kind] ?? kind;
}

/** What a test has shown, in the receiver's own words. */
export function trialResultView(name: string, { isDelivered, says }: TrialResult): Html {
  if (!isDelivered) {
    return html`<div class="notice bad" role="alert">
      <p><strong>${name}: the test was not delivered.</strong></p>
      <p dir="auto">${says}</p>
    </div>`;
  }
  return html`<div class="notice good" role="status">
    <p><strong>${name}: the test was delivered.</strong></p>
    ${says !== "" && html`<p dir="auto">The receiver says: “${says}”</p>`}
  </div>`;
}

/** The chats that the owner may mean. Strangers can write to a bot, too. */
export function chatsView(chats: readonly FoundChat[]): Html {
  if (chats.length === 0) {
    return html`<p class="notice" role="status">
      Nobody has written to this bot in the last 24 hours. Write something to it in Telegram, then
      look again.
    </p>`;
  }
  return html`<div class="notice good" role="status">
    <p>These have written to the bot. Enter the number of your chat below:</p>
    <ul>
      ${chats.map(({ id, name }) => html`<li><code>${id}</code> <bdi>${name}</bdi></li>`)}
    </ul>
  </div>`;
}

export function chatsFailureView(says: string): Html {
  return html`<p class="notice bad" role="alert" dir="auto">${says}</p>`;
}

export function secretView(secret: string): Html {
  return html`<div class="notice" role="status">
    <p>The signing secret of the webhook, for your program:</p>
    <p><code>${secret}</code></p>
  </div>`;
}
