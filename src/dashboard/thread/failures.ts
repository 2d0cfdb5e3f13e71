import type { TurnError } from "../../conversation/records.ts";

/** Why an answer was not given or not finished, for the owner, and what he can do. */
interface Failure {
  readonly why: string;
  readonly advice: string;
  /** Whether the server's log has more than this. */
  readonly isLogged: boolean;
  /** The page of the dashboard where something can be done. */
  readonly page?: { readonly path: string; readonly name: string };
}

const MODEL = { path: "/dashboard/settings/model", name: "Test the model" };

const FAILURES: Readonly<Record<TurnError, Failure>> = {
  model_error: {
    isLogged: true,
    why: "The model could not answer: its server refused the question, broke off or was not reached.",
    advice:
      "Test it now. If it does not answer, the test shows what its server says: its key, its name or its address may be wrong.",
    page: MODEL,
  },
  model_busy: {
    isLogged: true,
    why: "The model's server had no room: too many requests, or the account's limit is reached.",
    advice: "Look up the limits and the balance at the provider.",
    page: MODEL,
  },
  model_timeout: {
    isLogged: true,
    why: "The model took too long: nothing came from it for as long as the server waits.",
    advice:
      "Test how quickly it answers now. If it is always slow, take a faster one, or raise MODEL_FIRST_TOKEN_TIMEOUT_MS (until the first word) or MODEL_IDLE_TIMEOUT_MS (between words).",
    page: MODEL,
  },
  interrupted: {
    isLogged: false,
    why: "The server stopped before the answer was complete.",
    advice:
      "There is nothing to do, unless this happens often: then look in the server's log for what ends it.",
  },
  draining: {
    isLogged: false,
    why: "The server was restarted, and the answer did not end in the time that it had.",
    advice:
      "There is nothing to do, unless this happens often: then raise SHUTDOWN_GRACE_MS, the time that answers have at a restart.",
  },
  model_off: {
    isLogged: false,
    why: "The model was switched off while it was answering.",
    advice: "Switch it on again when questions are to be answered.",
    page: { path: "/dashboard/settings/spending", name: "Spending" },
  },
  internal_error: {
    isLogged: true,
    why: "Something went wrong on the server.",
    advice: "This is a fault of chatporch. Please report it, with what the log says.",
  },
};

/** A code that this version does not know counts as a fault of the server. */
export function failureFor(errorCode: string): Failure {
  return Object.hasOwn(FAILURES, errorCode)
    ? FAILURES[errorCode as TurnError]
    : FAILURES.internal_error;
}
