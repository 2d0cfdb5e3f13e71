import type { PeopleSettings } from "../config/people.ts";
import type { Activity } from "../conversation/activity.ts";
import { AppError, invalidRequest, rateLimited } from "../errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { isOpenAt, nextOpening } from "../runtime/opening-hours.ts";
import { randomText } from "../runtime/random-text.ts";
import { DAY_MS } from "../runtime/time.ts";
import type { VisitorConversation } from "../store/conversation-store.ts";
import type { Contact, PersonRequest, RequestStore } from "../store/request-store.ts";
import { isTakenOver, type TakeoverStore } from "../store/takeover-store.ts";
import { contactProblem, maskContact } from "./contact.ts";

/** How many requests a conversation may have in 24 hours. */
export const MAX_REQUESTS_A_DAY = 3;

interface RequestsDeps {
  readonly config: { readonly people: PeopleSettings };
  readonly store: RequestStore & Pick<TakeoverStore, "findTakeover">;
  /**
   * Counts a request of a session, which may erase its conversation and begin another.
   * @throws AppError rate_limited
   */
  readonly countSession: (sessionId: string) => Promise<void>;
  readonly metrics: Pick<Metrics, "requests">;
  /** Publishes what has been stored. */
  readonly publish: (activity: Activity) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What a visitor sends who wants a person. */
export interface SentRequest {
  /** Undefined: that of his request before. */
  readonly contact?: Contact | undefined;
  readonly note?: string | undefined;
  /** The sentence that he was shown. */
  readonly consent: string;
  /** The turn after which he asks for a person. Undefined: the newest. */
  readonly turnId?: string | undefined;
}

/** Who asks for a person. */
export interface Asker {
  readonly sessionId: string;
  /** Finds the conversation, or begins it. Called when nothing is wrong with what was sent. */
  readonly place: () => Promise<Place>;
}

export interface Place {
  readonly conversationId: string;
  /** Of the question that comes with the request. */
  readonly turnId?: string | undefined;
}

/** A request as its visitor sees it. */
export interface ShownRequest {
  readonly id: string;
  readonly at: number;
  readonly isOpen: boolean;
  /** Masked. */
  readonly contact: string;
  /** When somebody is there next, if nobody is now. Missing where there are no hours, or they have no opening. */
  readonly opensAt?: number;
  /** Whether somebody is there now. Missing where there are no hours. */
  readonly isOpenNow?: boolean;
}

/** What a visitor is told of a person beside his messages. */
export interface ShownPerson {
  /** His newest request. */
  readonly request?: ShownRequest;
  /** Whether a person answers in this conversation. */
  readonly isHere: boolean;
  readonly name?: string;
  /** When somebody is there, as the owner has set it. */
  readonly hours?: string;
}

/** Visitors who want a person. Nothing is ever sent to the address that one leaves. */
export class Requests {
  readonly #deps: RequestsDeps;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  /** Whether visitors are offered a person. */
  get isOn(): boolean {
    return this.#deps.config.people.person !== "off";
  }

  /** @throws AppError person_off, unless the owner offers a person */
  refuseIfOff(): void {
    if (!this.isOn) throw new AppError("person_off");
  }

  /**
   * Stores a request in the conversation of its visitor.
   * @throws AppError person_off, invalid_request, not_found, rate_limited, and what finding the place throws
   */
  async add({ sessionId, place }: Asker, sent: SentRequest): Promise<ShownRequest> {
    this.refuseIfOff();
    const { store, metrics, publish, now, countSession } = this.#deps;
    const at = now();
    const { note, contact, consent, turnId: named } = tidy(sent);
    await countSession(sessionId);
    const { conversationId, turnId = named } = await place();
    const added = await store.addRequest(
      { id: `p_${randomText(16)}`, conversationId, turnId, contact, ...note, consent, at },
      { since: at - DAY_MS, max: MAX_REQUESTS_A_DAY },
    );
    switch (added.kind) {
      case "gone":
        throw new AppError("not_found");
      case "no_contact":
        throw invalidRequest("/contact", "is needed the first time");
      case "too_many":
        throw rateLimited(Math.max(1, Math.ceil((added.oldestAt + DAY_MS - at) / 1000)));
      case "added":
        metrics.requests.add(1, {});
        publish({ conversationId, kind: "request" });
        return this.#shown(added.request);
    }
  }

  /** What the visitor of a conversation is told. Undefined where no person is offered, and none has taken over. */
  async personOf(
    conversation: Pick<VisitorConversation, "id" | "wasTakenOver"> | undefined,
  ): Promise<ShownPerson | undefined> {
    const { store, config, now } = this.#deps;
    const [takeover, request] = await Promise.all([
      conversation?.wasTakenOver === true ? store.findTakeover(conversation.id) : undefined,
      conversation && this.newestOf(conversation.id),
    ]);
    const here = isTakenOver(takeover, now())
      ? { isHere: true, name: takeover.name }
      : { isHere: false };
    if (!this.isOn) return takeover && here;
    const { hours } = config.people;
    return {
      ...(request && { request }),
      ...here,
      ...(hours === undefined ? {} : { hours: hours.text }),
    };
  }

  /** The visitor's newest request in a conversation, open or not. Undefined where no person is offered. */
  async newestOf(conversationId: string): Promise<ShownRequest | undefined> {
    if (!this.isOn) return undefined;
    const [newest] = await this.#deps.store.requestsOf(conversationId);
    return newest && this.#shown(newest);
  }

  /**
   * Closes a request and the earlier ones of its conversation. Undefined: there is no such request.
   */
  async close(id: string): Promise<PersonRequest | undefined> {
    const { store, publish, now } = this.#deps;
    const closed = await store.closeRequest(id, now());
    if (closed) publish({ conversationId: closed.conversationId, kind: "request" });
    return closed;
  }

  #shown({ id, at, contact, closedAt }: PersonRequest): ShownRequest {
    const isOpen = closedAt === undefined;
    return { id, at, isOpen, contact: maskContact(contact), ...this.#openings() };
  }

  #openings(): Pick<ShownRequest, "opensAt" | "isOpenNow"> {
    const { config, now } = this.#deps;
    const { hours } = config.people;
    if (hours === undefined) return {};
    const isOpenNow = isOpenAt(hours, now());
    const opensAt = isOpenNow ? undefined : nextOpening(hours, now());
    return { isOpenNow, ...(opensAt === undefined ? {} : { opensAt }) };
  }
}

/** @throws AppError invalid_request */
function tidy({ note = "", contact, consent, turnId }: SentRequest) {
  const words = note.trim();
  const given = contact && { kind: contact.kind, value: contact.value.trim() };
  const problem = given && contactProblem(given);
  if (problem !== undefined) throw invalidRequest("/contact/value", problem);
  return {
    note: words === "" ? {} : { note: words },
    contact: given,
    consent: consent.trim().replaceAll(/\s+/g, " "),
    turnId,
  };
}
