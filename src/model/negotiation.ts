import type { ModelRequest } from "./model.ts";
import type { Notify } from "./notify.ts";
import { withoutOldest, withoutSources } from "./overflow.ts";
import { isOverflow, type Refusal } from "./refusal.ts";
import type { ReportedError } from "./reported-error.ts";
import {
  BEST_FORMS,
  type BodyOptions,
  concede,
  type Fields,
  type Forms,
  requestBody,
} from "./request-body.ts";
import { type Failure, questionTooLong, toModelError } from "./upstream-error.ts";

/** The forms of a request that one server accepts, as learned since the start. */
export class Manners {
  #forms: Forms = BEST_FORMS;
  readonly #notify: Notify;

  constructor(notify: Notify) {
    this.#notify = notify;
  }

  get forms(): Forms {
    return this.#forms;
  }

  /** Remembers the parts that were refused, after a request without them was answered. */
  learn(forms: Forms, refused: readonly string[]): void {
    const known = this.#forms;
    this.#forms = forms.map((form, index) => Math.max(form, known[index] ?? 0));
    // When several questions learn the same thing at once, only the first one logs it.
    if (this.#forms.every((form, index) => form === known[index])) return;
    this.#notify(
      "the model's server refuses parts of a request: they are left out or sent in another form",
      { refused },
    );
  }

  contextIsFull(messagesLeftOut: number, refused: readonly string[]): void {
    this.#notify("the model's context is full: lower MAX_HISTORY_TOKENS or MAX_OUTPUT_TOKENS", {
      messagesLeftOut,
      ...(refused.length === 0 ? {} : { refused }),
    });
  }
}

/**
 * One question to one server. It is asked again in another form when the server refuses a part of it or
 * finds it too long. A refusal is remembered only after a request without that part was answered, because
 * an error can name the wrong part.
 */
export class Negotiation {
  readonly #asked: ModelRequest;
  readonly #options: BodyOptions;
  readonly #baseUrl: string | undefined;
  readonly #manners: Manners;
  #request: ModelRequest;
  #forms: Forms;
  #refused: string[] = [];
  #isTooLong = false;

  constructor(
    asked: ModelRequest,
    options: BodyOptions,
    { manners, baseUrl }: { readonly manners: Manners; readonly baseUrl: string | undefined },
  ) {
    this.#asked = asked;
    this.#request = asked;
    this.#options = options;
    this.#manners = manners;
    this.#forms = manners.forms;
    this.#baseUrl = baseUrl;
  }

  body(): Fields {
    return requestBody(this.#request, this.#options, this.#forms);
  }

  /** Changes the body after a failure. @throws ModelError when there is nothing to change */
  adapt(failure: Failure): void {
    if (failure.kind === "unreachable") throw toModelError(failure, this.#baseUrl);
    if (this.#yieldsTo(failure.refusal)) return;
    throw this.#isTooLong ? questionTooLong(failure) : toModelError(failure, this.#baseUrl);
  }

  /** The same for an error inside an answer. @throws ModelError when there is nothing to change */
  adaptTo(error: ReportedError): void {
    const refusal = error.refusal();
    if (this.#yieldsTo(refusal)) return;
    throw this.#isTooLong ? questionTooLong({ refusal, names: {} }) : error;
  }

  /**
   * Changes the body, if there is something to change. This ends after a few steps: each one shortens the
   * history or takes the next of a few forms.
   */
  #yieldsTo(refusal: Refusal): boolean {
    if (isOverflow(refusal)) {
      this.#isTooLong = true;
      const request = this.#request;
      const history = withoutOldest(request.history) ?? withoutSources(request);
      if (history !== undefined) {
        this.#request = { ...this.#request, history };
        return true;
      }
    }
    // When prompt and answer together are too long, servers name the limit of the answer.
    const concession = concede(refusal, this.#request, this.#options, this.#forms);
    if (concession === undefined) return false;
    this.#forms = concession.forms;
    if (!this.#refused.includes(concession.name)) this.#refused.push(concession.name);
    return true;
  }

  /** Call it when the server has begun to answer. */
  settle(): void {
    const messagesLeftOut = this.#asked.history.length - this.#request.history.length;
    // That one conversation is too long says nothing about others.
    if (this.#isTooLong) this.#manners.contextIsFull(messagesLeftOut, this.#refused);
    else if (this.#refused.length > 0) this.#manners.learn(this.#forms, this.#refused);
  }
}
