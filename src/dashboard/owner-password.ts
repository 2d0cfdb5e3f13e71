import { overloaded } from "../errors.ts";
import { createSecretCheck } from "../http/api-keys.ts";
import type { OwnerPasswordStore } from "../store/owner-password-store.ts";
import { hashPassword, isPasswordOf } from "./password-hash.ts";

/** The password of the dashboard. */
export interface OwnerPassword {
  /** Whether it is the setting DASHBOARD_PASSWORD. Otherwise its owner chooses it. */
  readonly isSetting: boolean;
  /** A secret text that changes with the password. Undefined: nobody has chosen one. */
  mark(): Promise<string | undefined>;
  /**
   * Returns the mark of the password if the candidate is it, else undefined.
   * @throws AppError overloaded
   */
  check(candidate: string): Promise<string | undefined>;
}

/** The password of the setting DASHBOARD_PASSWORD. */
export function createSetPassword(password: string): OwnerPassword {
  const isPassword = createSecretCheck([password]);
  return {
    isSetting: true,
    mark: async () => password,
    check: async (candidate) => (isPassword(candidate) ? password : undefined),
  };
}

/** At most so many candidates wait for their turn: one takes some 35 ms of a processor. */
const MAX_WAITING = 200;

/** The password that the owner chose. Whoever changes it in the database changes it for every server on it. */
export class ChosenPassword implements OwnerPassword {
  readonly isSetting = false;
  readonly #store: OwnerPasswordStore;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(store: OwnerPasswordStore) {
    this.#store = store;
  }

  mark(): Promise<string | undefined> {
    return this.#store.ownerPasswordHash();
  }

  async check(candidate: string): Promise<string | undefined> {
    const hash = await this.mark();
    if (hash === undefined) return undefined;
    const isRight = await this.#inTurn(() => isPasswordOf(hash, candidate));
    return isRight ? hash : undefined;
  }

  /**
   * Hashes a new password.
   * @throws AppError overloaded
   */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password));
  }

  /** One at a time, because each needs 19 MB and a processor, and strangers may send as many as they like. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#waiting >= MAX_WAITING) throw overloaded();
    this.#waiting++;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }
}
