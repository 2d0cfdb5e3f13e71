import type { Link } from "../../http/link.ts";
import { randomText } from "../../runtime/random-text.ts";
import { isTakenOver, type Takeover, TAKEOVER_MS } from "../../store/takeover-store.ts";
import { clockElement } from "../formats.ts";
import { type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { TAKEOVER_ID, threadPath, WORDS_ID } from "../list-path.ts";
import type { ListFields } from "../schema.ts";
import type { Session } from "../session.ts";

export interface TakeoverViewOptions {
  readonly link: Link;
  readonly session: Session;
  readonly conversationId: string;
  readonly fields: ListFields;
  /** Whether the visitor reads what the owner writes. */
  readonly isReachable: boolean;
  /** The newest one that was not given back, also one whose time is over. */
  readonly takeover: Takeover | undefined;
  /** The name under which the owner writes. */
  readonly personName: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const MAX_MESSAGE_LENGTH = 4000;
const KEY_BYTES = 12;

const UNREACHABLE =
  "You cannot take over here: this visitor's client uses a session id of its own, so no message of yours reaches it.";

/** Whether the owner answers in place of the model, and the button that changes it. It is part of what is fetched again. */
export function takeoverState(options: TakeoverViewOptions): Html {
  const { takeover, now } = options;
  return html`<section class="takeover" id="${TAKEOVER_ID}" aria-label="Answering yourself">
    ${isTakenOver(takeover, now) ? here(takeover, options) : offer(options)}
  </section>`;
}

function here({ name, lastWordAt }: Takeover, options: TakeoverViewOptions): Html {
  const until = lastWordAt + TAKEOVER_MS;
  return html`<p class="here" data-until="${until}">
      <strong>You are here</strong> as <bdi>${name}</bdi>. The model is silent until you give the
      conversation back, or at ${clockElement(until)} if you have not written by then.
    </p>
    ${button("give-back", "Give back", options)}`;
}

function offer(options: TakeoverViewOptions): Html {
  const { takeover, personName, isReachable } = options;
  if (!isReachable) return html`<p class="hint">${UNREACHABLE}</p>`;
  return html`<p class="hint">
      ${takeover && "The model answers again: you had not written for 30 minutes."} Take over to
      answer as <bdi>${personName}</bdi>. The model is silent then, and your visitor sees that a
      person writes.
    </p>
    ${button("takeover", "Take over", options)}`;
}

function button(action: string, name: string, options: TakeoverViewOptions): Html {
  return html`<form method="post" action="${addressOf(action, options)}">
    ${formToken(options.session)}
    <button id="${action}">${name}</button>
  </form>`;
}

/**
 * Where the owner writes. It is beside what is fetched again, so that no draft is lost. The key makes a message that is
 * sent twice one message.
 */
export function composer(options: TakeoverViewOptions): Html {
  const { session, takeover, now, conversationId } = options;
  return html`<form
    class="composer"
    method="post"
    action="${addressOf("messages", options)}"
    data-composer="${conversationId}"
    data-typing="${addressOf("typing", options)}"
    ${!isTakenOver(takeover, now) && html`hidden`}
  >
    ${formToken(session)}
    <input type="hidden" name="key" value="${randomText(KEY_BYTES)}" />
    <label for="${WORDS_ID}">Your message</label>
    <textarea
      id="${WORDS_ID}"
      name="text"
      rows="3"
      maxlength="${MAX_MESSAGE_LENGTH}"
      dir="auto"
      required
      aria-describedby="words-keys words-problem"
    ></textarea>
    <p class="problem" id="words-problem" role="alert" hidden></p>
    <div class="send">
      <button class="primary">Send</button>
      <p class="hint" id="words-keys" hidden>Enter sends, Shift+Enter begins a new line.</p>
    </div>
  </form>`;
}

function addressOf(
  action: string,
  { link, conversationId, fields }: Pick<TakeoverViewOptions, "link" | "conversationId" | "fields">,
): string {
  return link(threadPath(`${conversationId}/${action}`, fields));
}
