import type { Database } from "bun:sqlite";

import {
  type NewPassword,
  type OwnerPasswordStore,
  PASSWORD_ENTRY,
} from "../owner-password-store.ts";
import { createAudit } from "./audit.ts";

/** Runs the work in a transaction and resolves with its result. */
type Write = <Result>(work: () => Result) => Promise<Result>;

/** The owner's password on SQLite. */
export function createOwnerPassword(db: Database, write: Write): OwnerPasswordStore {
  const password = db.query<{ hash: string }, []>("SELECT hash FROM owner_password");
  const insert = db.query<null, [string, number]>("INSERT INTO owner_password VALUES (1, ?, ?)");
  const remove = db.query<null, []>("DELETE FROM owner_password");
  const endSessions = db.query<null, []>("DELETE FROM owner_sessions");
  const offer = db.query<null, [string, number]>("INSERT INTO owner_claims VALUES (?, ?)");
  const withdraw = db.query<null, [string]>("DELETE FROM owner_claims WHERE hash = ?");
  const endClaims = db.query<null, []>("DELETE FROM owner_claims");
  const claim = db.query<{ hash: string }, [string, number]>(
    `SELECT hash FROM owner_claims WHERE hash = ? AND expires_at > ?
     AND NOT EXISTS (SELECT 1 FROM owner_password)`,
  );
  const audit = createAudit(db);
  const store = ({ passwordHash, at, by }: NewPassword, after: string) => {
    insert.run(passwordHash, at);
    audit.note({ at, by, changed: [{ setting: PASSWORD_ENTRY, before: "", after }] });
  };

  return {
    ownerPasswordHash: async () => password.get()?.hash,

    async changeOwnerPassword(chosen) {
      await write(() => {
        remove.run();
        store(chosen, "changed");
        endSessions.run();
        endClaims.run();
      });
    },

    async offerClaim({ hash, expiresAt }) {
      await write(() => {
        endClaims.run();
        offer.run(hash, expiresAt);
      });
    },

    async withdrawClaim(hash) {
      await write(() => withdraw.run(hash));
    },

    hasClaim: async (hash, at) => claim.get(hash, at) !== null,

    claimOwner: (hash, chosen) =>
      write(() => {
        if (claim.get(hash, chosen.at) === null) return false;
        store(chosen, "chosen");
        endClaims.run();
        return true;
      }),
  };
}
