export const CONTACT_KINDS = ["email", "phone"] as const;

/** How a visitor can be reached. */
export interface Contact {
  readonly kind: (typeof CONTACT_KINDS)[number];
  readonly value: string;
}

/** A visitor's wish to reach a person, as it is stored. */
export interface PersonRequest {
  /** `p_` and random characters. */
  readonly id: string;
  readonly conversationId: string;
  /** The turn after which it came. */
  readonly turnId: string;
  readonly contact: Contact;
  readonly note?: string;
  /** The sentence that the visitor was shown, and agreed to. */
  readonly consent: string;
  /** Milliseconds since the epoch, as every time here. */
  readonly at: number;
  /** Set once the owner has closed it. */
  readonly closedAt?: number;
}

export interface NewRequest extends Omit<PersonRequest, "turnId" | "contact" | "closedAt"> {
  /** Undefined: the newest turn of the conversation. */
  readonly turnId?: string | undefined;
  /** Undefined: that of the conversation's last request. */
  readonly contact?: Contact | undefined;
}

export type AddedRequest =
  | { readonly kind: "added"; readonly request: PersonRequest }
  /** The conversation has as many since `since` as it may have. */
  | { readonly kind: "too_many"; readonly oldestAt: number }
  /** There is no earlier request whose contact could be used. */
  | { readonly kind: "no_contact" }
  /** The conversation is gone, or has no such turn. */
  | { readonly kind: "gone" };

export interface RequestFilter {
  readonly isOpen: boolean;
  readonly limit: number;
  /** Where the page before has ended. */
  readonly after?: RequestCursor | undefined;
}

export interface RequestCursor {
  readonly at: number;
  readonly id: string;
}

export interface RequestPage {
  readonly requests: readonly PersonRequest[];
  /** How many there are in all. */
  readonly total: number;
  /** Undefined on the last page. */
  readonly nextCursor: RequestCursor | undefined;
}

/**
 * How many requests a conversation may have since a time. Those from the future, before the clock was set back, do not
 * count.
 */
export interface RequestLimit {
  readonly since: number;
  readonly max: number;
}

/** Visitors who want a person. Requests are hidden, restored and erased with their conversations. */
export interface RequestStore {
  /** Checks the limit and stores the request in one transaction. May be repeated with the same id. */
  addRequest(request: NewRequest, limit: RequestLimit): Promise<AddedRequest>;
  /** The requests of a conversation, the newest first. */
  requestsOf(conversationId: string): Promise<readonly PersonRequest[]>;
  /** The newest first. */
  listRequests(filter: RequestFilter): Promise<RequestPage>;
  /**
   * Closes a request and the earlier ones of its conversation that are still open. One that is closed stays as it is.
   * Returns undefined when there is no such request.
   */
  closeRequest(id: string, at: number): Promise<PersonRequest | undefined>;
}
