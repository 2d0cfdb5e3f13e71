import type { OwnerPasswordStore } from "../owner-password-store.ts";
import type { Pool } from "./pool.ts";

/** The owner's password on PostgreSQL. The claims of all replicas are good at each of them. */
export function createOwnerPassword(pool: Pool): OwnerPasswordStore {
  async function find(): Promise<string | undefined> {
    const [row] = await pool.query<{ hash: string }>("SELECT hash FROM owner_password");
    return row?.hash;
  }

  return {
    ownerPasswordHash: find,

    async changeOwnerPassword(passwordHash, at) {
      await pool.query(
        `WITH ended AS (DELETE FROM owner_sessions), used AS (DELETE FROM owner_claims)
         INSERT INTO owner_password (id, hash, changed_at) VALUES (1, $1, $2::bigint)
         ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`,
        [passwordHash, at],
      );
    },

    async offerClaim({ hash, expiresAt }) {
      await pool.query(
        "INSERT INTO owner_claims (hash, expires_at) VALUES ($1, $2::bigint) ON CONFLICT DO NOTHING",
        [hash, expiresAt],
      );
    },

    async withdrawClaim(hash) {
      await pool.query("DELETE FROM owner_claims WHERE hash = $1", [hash]);
    },

    async hasClaim(hash, at) {
      const { count } = await pool.query(
        `SELECT 1 FROM owner_claims WHERE hash = $1 AND expires_at > $2::bigint
         AND NOT EXISTS (SELECT 1 FROM owner_password)`,
        [hash, at],
      );
      return count > 0;
    },

    async claimOwner(hash, passwordHash, at) {
      // All claims are deleted, so two calls wait for each other, and the second one finds none.
      await pool.query(
        `WITH used AS (
           DELETE FROM owner_claims
           WHERE EXISTS (SELECT 1 FROM owner_claims WHERE hash = $1 AND expires_at > $3::bigint)
           RETURNING hash
         )
         INSERT INTO owner_password (id, hash, changed_at)
         SELECT 1, $2, $3::bigint WHERE EXISTS (SELECT 1 FROM used WHERE hash = $1)
         ON CONFLICT DO NOTHING`,
        [hash, passwordHash, at],
      );
      // Not the count of rows: the first try of a statement that was repeated may have succeeded.
      return (await find()) === passwordHash;
    },
  };
}
