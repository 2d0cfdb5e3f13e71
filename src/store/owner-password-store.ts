/** A link by which the first password may be chosen. The hash does not reveal the link's token. */
export interface Claim {
  readonly hash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A password that somebody chooses. */
export interface NewPassword {
  /** Its argon2id hash. */
  readonly passwordHash: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Who chooses it, as the audit list shows it. */
  readonly by: string;
}

/** What a new password is called in the audit list. */
export const PASSWORD_ENTRY = "Password of the dashboard";

/** The password that the owner chose, and the links by which the first one is chosen. */
export interface OwnerPasswordStore {
  /** The argon2id hash of the password. Undefined: nobody has chosen one. */
  ownerPasswordHash(): Promise<string | undefined>;
  /** Replaces the password, whether there is one or not, ends all logins and notes it in the audit list. */
  changeOwnerPassword(password: NewPassword): Promise<void>;
  /** Makes a claim good. Where a single process uses the database, the claims of earlier ones end. */
  offerClaim(claim: Claim): Promise<void>;
  withdrawClaim(hash: string): Promise<void>;
  /** Whether the claim is good: it was offered, its time is not over, and nobody has chosen a password. */
  hasClaim(hash: string, at: number): Promise<boolean>;
  /**
   * Stores the first password, notes it in the audit list and ends all claims. Returns false, and changes nothing,
   * when the claim is not good (any more). Of several calls at the same time, one succeeds.
   */
  claimOwner(hash: string, password: NewPassword): Promise<boolean>;
}
