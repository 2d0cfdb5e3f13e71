import type { Message } from "../../conversation/records.ts";
import type { Link } from "../../http/link.ts";
import type { Contact, PersonRequest } from "../../store/request-store.ts";
import { formatCount, timeElement } from "../formats.ts";
import { type Content, type Html, html } from "../html.ts";
import { formToken } from "../layout.ts";
import { TAKEOVER_ID, threadPath } from "../list-path.ts";
import type { ListFields } from "../schema.ts";
import type { Session } from "../session.ts";

export interface RequestCardsOptions {
  readonly link: Link;
  readonly session: Session;
  /** What the list was searched for. */
  readonly fields: ListFields;
  /** The subject of a mail to the visitor. */
  readonly firstQuestion: string;
  /** Those of the conversation, the newest first. */
  readonly requests: readonly PersonRequest[];
}

/** What the visitor wants of a person, and how he can be reached. Nothing where he wants nothing. */
export function requestCards(options: RequestCardsOptions): Content {
  const open = options.requests.filter(({ closedAt }) => closedAt === undefined);
  const closed = options.requests.filter(({ closedAt }) => closedAt !== undefined);
  return [
    open.map((request) => openRequest(request, options)),
    closed.length > 0 &&
      html`<details class="closed-requests" id="closed-requests">
        <summary>${formatCount(closed.length, "closed request")} for a person</summary>
        ${closed.map(closedRequest)}
      </details>`,
  ];
}

/**
 * The request of a visitor whom the owner has answered in the chat meanwhile. Until it is closed, the visitor reads that a
 * person will write to him.
 */
export function answeredRequest(
  messages: readonly Pick<Message, "author" | "createdAt">[],
  { link, session, fields, requests }: RequestCardsOptions,
): Content {
  const open = requests.find(({ closedAt }) => closedAt === undefined);
  const isAnswered = messages.some(
    ({ author, createdAt }) => author !== undefined && createdAt > (open?.at ?? Infinity),
  );
  if (open === undefined || !isAnswered) return undefined;
  return html`<section class="takeover" aria-label="Open request">
    <p class="hint">
      You have answered, and the request for a person is still open: your visitor reads that a
      person will ${open.contact.kind === "email" ? "write" : "call"}.
    </p>
    <form method="post" action="${link(closePath(open, fields))}">
      ${formToken(session)}
      <button>Close request</button>
    </form>
  </section>`;
}

function closePath({ conversationId, id }: PersonRequest, fields: ListFields): string {
  return threadPath(`${conversationId}/requests/${id}/close`, fields);
}

function openRequest(request: PersonRequest, options: RequestCardsOptions): Html {
  const { id, conversationId, contact, note, consent, at } = request;
  const { link, session, fields, firstQuestion } = options;
  const takingOver = link(`${threadPath(conversationId, fields)}#${TAKEOVER_ID}`);
  return html`<section class="card wanted" aria-labelledby="request-${id}">
    <h2 id="request-${id}">Wants a person</h2>
    <p class="contact"><bdi>${contact.value}</bdi></p>
    ${note !== undefined && html`<p class="note" dir="auto">${note}</p>`}
    <p class="hint">Asked on ${timeElement(at)}. Agreed to: “<span dir="auto">${consent}</span>”</p>
    <form class="buttons" method="post" action="${link(closePath(request, fields))}">
      ${formToken(session)}
      <a class="button" href="${takingOver}">Answer in the chat</a>
      <a class="button" href="${addressOf(contact, firstQuestion)}"
        >${contact.kind === "email" ? "Write by mail" : "Call"}</a
      >
      <button>Close request</button>
    </form>
  </section>`;
}

function closedRequest({ contact, note, at, closedAt = at }: PersonRequest): Html {
  return html`<p>
    <bdi>${contact.value}</bdi>${note !== undefined && html`: <span dir="auto">${note}</span>`}
    <span class="hint">Asked on ${timeElement(at)}, closed on ${timeElement(closedAt)}.</span>
  </p>`;
}

/** A link that opens the owner's own mail program or telephone. */
function addressOf({ kind, value }: Contact, firstQuestion: string): string {
  if (kind === "phone") return `tel:${value.replaceAll(/[^\d+]/g, "")}`;
  const address = encodeURIComponent(value).replace("%40", "@");
  const subject = firstQuestion.replaceAll(/\s+/g, " ").trim();
  return `mailto:${address}${subject === "" ? "" : `?subject=${encodeURIComponent(`Re: ${subject}`)}`}`;
}
