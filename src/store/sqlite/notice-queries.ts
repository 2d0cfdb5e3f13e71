import type { Database } from "bun:sqlite";

import type { ChannelRow, GivenUpRow, NoticeRow, PlaceRow } from "../notice-rows.ts";
import { BEHIND_ANOTHER, FORGET_AT_ONCE, MAX_WAIT_MS, type WantedNotice } from "../notice-store.ts";

type EndedRow = Pick<NoticeRow, "channel"> & { readonly conversation_seq: number | null };

/** Hidden conversations have no row `c`. */
const NOTICE = `n.seq, n.event_id, n.channel, n.kind, n.at, n.attempts, n.turn_id, c.id AS conversation_id`;
const FROM = `FROM notices AS n LEFT JOIN conversations AS c
  ON c.seq = n.conversation_seq AND c.erase_at IS NULL`;
const IS_SHOWN = "(n.conversation_seq IS NULL OR c.seq IS NOT NULL)";

export function prepareNotices(db: Database) {
  return {
    wants: db.query<WantedNotice, []>("SELECT kind, channel FROM notices_wanted"),
    want: db.query<null, [string, string]>(
      "INSERT INTO notices_wanted (kind, channel) VALUES (?, ?)",
    ),
    unwant: db.query<null, [string, string]>(
      "DELETE FROM notices_wanted WHERE kind = ? AND channel = ?",
    ),
    unwantAll: db.query<null, [string]>("DELETE FROM notices_wanted WHERE channel = ?"),
    add: db.query<null, [string, string, string, number]>(
      `INSERT INTO notices (event_id, channel, kind, at, not_before, next_at) VALUES (?1, ?2, ?3, ?4, ?4, ?4)
       ON CONFLICT DO NOTHING`,
    ),
    due: db.query<NoticeRow, [string, number, number]>(
      `SELECT ${NOTICE} ${FROM}
       WHERE n.channel = ? AND n.state = 'waiting' AND n.next_at <= ? AND ${IS_SHOWN} AND NOT EXISTS (
         SELECT 1 FROM notices AS earlier WHERE earlier.conversation_seq = n.conversation_seq
           AND earlier.channel = n.channel AND earlier.seq < n.seq AND earlier.state = 'waiting'
       ) ORDER BY n.next_at, n.seq LIMIT ?`,
    ),
    claim: db.query<null, [string, number, number]>(
      "UPDATE notices SET claimed_by = ?, next_at = ? WHERE seq = ?",
    ),
    end: db.query<
      EndedRow,
      [string, number, number | null, string | null, string | null, number, string]
    >(
      `UPDATE notices SET state = ?1, next_at = ?2, ended_at = ?3, last_error = ?4, receipt = ?5, claimed_by = NULL,
         attempts = attempts + (?1 <> 'waiting' OR ?4 IS NOT NULL)
       WHERE seq = ?6 AND claimed_by = ?7 RETURNING channel, conversation_seq`,
    ),
    drop: db.query<EndedRow, [number, string]>(
      "DELETE FROM notices WHERE seq = ? AND claimed_by = ? RETURNING channel, conversation_seq",
    ),
    /** The next one of the conversation waits behind no other any more. */
    release: db.query<null, [number | null, string, number]>(
      `UPDATE notices SET next_at = max(not_before, ?3) WHERE next_at = ${BEHIND_ANOTHER} AND seq = (
         SELECT seq FROM notices WHERE conversation_seq = ?1 AND channel = ?2 AND state = 'waiting'
         ORDER BY seq LIMIT 1
       )`,
    ),
    nextAt: db.query<{ at: number }, [string]>(
      `SELECT next_at AS at FROM notices WHERE channel = ? AND state = 'waiting'
       ORDER BY next_at LIMIT 1`,
    ),
    state: db.query<ChannelRow, [string]>(
      `SELECT l.channel, delivered_at, failed_at, error, off_address, off_at,
         (SELECT count(*) FROM notices WHERE channel = ?1 AND state = 'waiting') AS waiting,
         (SELECT min(next_at) FROM notices WHERE channel = ?1 AND state = 'waiting') AS next_at,
         (SELECT count(*) FROM notices WHERE channel = ?1 AND state = 'given_up') AS given_up
       FROM (SELECT ?1 AS channel) AS l LEFT JOIN notice_channels AS s ON s.channel = ?1`,
    ),
    noteDelivery: db.query<null, [string, number]>(
      `INSERT INTO notice_channels (channel, delivered_at) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET delivered_at = excluded.delivered_at`,
    ),
    noteFailure: db.query<null, [string, number, string]>(
      `INSERT INTO notice_channels (channel, failed_at, error) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET failed_at = excluded.failed_at, error = excluded.error`,
    ),
    switchOff: db.query<null, [string, string, number]>(
      `INSERT INTO notice_channels (channel, off_address, off_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET off_address = excluded.off_address, off_at = excluded.off_at`,
    ),
    switchOn: db.query<null, [string]>(
      "UPDATE notice_channels SET off_address = NULL, off_at = NULL WHERE channel = ?",
    ),
    giveUpAll: db.query<null, [number, string, string]>(
      `UPDATE notices SET state = 'given_up', next_at = ?1, ended_at = ?1, last_error = ?2, claimed_by = NULL
       WHERE channel = ?3 AND state = 'waiting'`,
    ),
    givenUp: db.query<GivenUpRow, [string, number]>(
      `SELECT ${NOTICE}, n.ended_at, n.last_error ${FROM}
       WHERE n.channel = ? AND n.state = 'given_up' AND ${IS_SHOWN}
       ORDER BY n.ended_at DESC, n.seq DESC LIMIT ?`,
    ),
    sendAgain: db.query<null, [number, string]>(
      `UPDATE notices SET state = 'waiting', attempts = 0, next_at = ?, ended_at = NULL
       WHERE channel = ? AND state = 'given_up'`,
    ),
    receipt: db.query<PlaceRow, [string, string]>(
      `SELECT n.turn_id, c.id AS conversation_id ${FROM}
       WHERE n.channel = ? AND n.receipt = ? AND ${IS_SHOWN} ORDER BY n.seq DESC LIMIT 1`,
    ),
    giveUpOld: db.query<null, [number, string, number, string]>(
      `UPDATE notices SET state = 'given_up', next_at = ?1, ended_at = ?1, last_error = ?2, claimed_by = NULL
       WHERE state = 'waiting' AND at < ?3 AND channel NOT IN (SELECT value FROM json_each(?4))`,
    ),
    /** Behind what was given up, others may be left that are not as old. */
    releaseAll: db.query<null, []>(
      `UPDATE notices SET next_at = not_before WHERE next_at = ${BEHIND_ANOTHER} AND seq IN (
         SELECT min(seq) FROM notices WHERE state = 'waiting' GROUP BY conversation_seq, channel
       )`,
    ),
    /** Those that are due later than any can be, since the clock was set back, are due now. */
    hasten: db.query<null, [string, number]>(
      `UPDATE notices SET next_at = ?2 WHERE channel = ?1 AND state = 'waiting'
         AND next_at > ?2 + ${MAX_WAIT_MS} AND next_at < ${BEHIND_ANOTHER}`,
    ),
    forget: {
      /** Those that no answer of the owner can refer to. */
      delivered: forget(db, "state = 'delivered' AND receipt IS NULL"),
      answerable: forget(db, "state = 'delivered'"),
      givenUp: forget(db, "state = 'given_up'"),
    },
  };
}

/** Deletes some of those that have ended before a time. */
function forget(db: Database, which: string) {
  return db.query<null, [number]>(
    `DELETE FROM notices WHERE seq IN (
       SELECT seq FROM notices WHERE ${which} AND ended_at < ? LIMIT ${FORGET_AT_ONCE}
     )`,
  );
}
