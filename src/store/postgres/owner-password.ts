import { type OwnerPasswordStore, PASSWORD_ENTRY } from "../owner-password-store.ts";
import { MAX_AUDIT_ENTRIES } from "../settings-store.ts";
import type { Pool } from "./pool.ts";

/** The parts of a statement that note a password with the version of its part `next`. $2 is when, $3 is who. */
function noted(after: string): string {
  return `noted AS (
      INSERT INTO audit (version, setting, at, author, old_value, new_value)
      SELECT version, '${PASSWORD_ENTRY}', $2::bigint, $3, '', '${after}' FROM next
    ), forgotten AS (
      DELETE FROM audit USING next WHERE (audit.version, audit.setting) IN (
        SELECT version, setting FROM audit ORDER BY version DESC, setting
        OFFSET ${MAX_AUDIT_ENTRIES - 1}
      )
    )`;
}

/** Run again after a lost answer, it finds the password there, and notes nothing. */
const CHANGE = `WITH next AS (
    UPDATE settings_version SET version = version + 1
    WHERE NOT EXISTS (SELECT FROM owner_password WHERE hash = $1) RETURNING version
  ), ${noted("changed")}, ended AS (DELETE FROM owner_sessions), used AS (DELETE FROM owner_claims)
  INSERT INTO owner_password (id, hash, changed_at) VALUES (1, $1, $2::bigint)
  ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`;

/** All claims are deleted, so two calls wait for each other, and the second one finds none. */
const CLAIM = `WITH used AS (
    DELETE FROM owner_claims
    WHERE EXISTS (SELECT FROM owner_claims WHERE hash = $4 AND expires_at > $2::bigint)
    RETURNING hash
  ), chosen AS (
    INSERT INTO owner_password (id, hash, changed_at)
    SELECT 1, $1, $2::bigint WHERE EXISTS (SELECT FROM used WHERE hash = $4)
    ON CONFLICT DO NOTHING RETURNING id
  ), next AS (
    UPDATE settings_version SET version = version + 1 WHERE EXISTS (SELECT FROM chosen)
    RETURNING version
  ), ${noted("chosen")}
  SELECT FROM next`;

/** The owner's password on PostgreSQL. The claims of all replicas are good at each of them. */
export function createOwnerPassword(pool: Pool): OwnerPasswordStore {
  async function find(): Promise<string | undefined> {
    const [row] = await pool.query<{ hash: string }>("SELECT hash FROM owner_password");
    return row?.hash;
  }

  return {
    ownerPasswordHash: find,

    async changeOwnerPassword({ passwordHash, at, by }) {
      await pool.query(CHANGE, [passwordHash, at, by]);
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

    async claimOwner(hash, { passwordHash, at, by }) {
      await pool.query(CLAIM, [passwordHash, at, by, hash]);
      // Not the count of rows: the first try of a statement that was repeated may have succeeded.
      return (await find()) === passwordHash;
    },
  };
}
