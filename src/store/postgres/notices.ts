import { NOTICE_CHANNELS } from "../../conversation/notice-kinds.ts";
import {
  type ChannelRow,
  type GivenUpRow,
  type NoticeRow,
  type PlaceRow,
  toChannelState,
  toClaimed,
  toGivenUp,
  toPlace,
} from "../notice-rows.ts";
import {
  BEHIND_ANOTHER,
  FORGET_AT_ONCE,
  MAX_WAIT_MS,
  type NoticeStore,
  SWITCHED_OFF,
  WAITED_TOO_LONG,
  type WantedNotice,
} from "../notice-store.ts";
import type { Pool } from "./pool.ts";

/** Hidden conversations have no row `c`. */
const NOTICE = `n.seq::float8 AS seq, n.event_id, n.channel, n.kind, n.at::float8 AS at, n.attempts, n.turn_id,
  c.id AS conversation_id`;
const FROM = `FROM notices AS n LEFT JOIN conversations AS c
  ON c.seq = n.conversation_seq AND c.erase_at IS NULL`;
const IS_SHOWN = "(n.conversation_seq IS NULL OR c.seq IS NOT NULL)";

/** The one that is locked, because another replica claims it, is left out: then its conversation's others wait. */
const CLAIM = `WITH due AS MATERIALIZED (
    SELECT n.seq FROM notices AS n
    WHERE n.channel = $1 AND n.state = 'waiting' AND n.next_at <= $2::bigint AND NOT EXISTS (
      SELECT FROM notices AS earlier WHERE earlier.conversation_seq = n.conversation_seq
        AND earlier.channel = n.channel AND earlier.seq < n.seq AND earlier.state = 'waiting'
    ) AND (n.conversation_seq IS NULL OR EXISTS (
      SELECT FROM conversations WHERE seq = n.conversation_seq AND erase_at IS NULL
    ))
    ORDER BY n.next_at, n.seq LIMIT $5::integer FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE notices AS n SET claimed_by = $3, next_at = $4::bigint
    FROM due WHERE n.seq = due.seq RETURNING n.*
  )
  SELECT ${NOTICE} ${FROM.replace("notices", "claimed")} ORDER BY n.seq`;

/** Behind what was given up, others may be left: younger ones, or one that came at the same moment. */
const RELEASE_ALL = `UPDATE notices SET next_at = not_before WHERE next_at = ${BEHIND_ANOTHER} AND seq IN (
    SELECT min(seq) FROM notices WHERE state = 'waiting' GROUP BY conversation_seq, channel
  )`;

const STATES = `SELECT l.channel, s.delivered_at::float8 AS delivered_at, s.failed_at::float8 AS failed_at, s.error,
    s.off_address, s.off_at::float8 AS off_at,
    (SELECT count(*) FROM notices AS n WHERE n.channel = l.channel AND state = 'waiting')::float8 AS waiting,
    (SELECT min(next_at) FROM notices AS n WHERE n.channel = l.channel AND state = 'waiting')::float8 AS next_at,
    (SELECT count(*) FROM notices AS n WHERE n.channel = l.channel AND state = 'given_up')::float8 AS given_up
  FROM unnest($1::text[]) WITH ORDINALITY AS l (channel, place)
    LEFT JOIN notice_channels AS s ON s.channel = l.channel ORDER BY l.place`;

/** The outbox on PostgreSQL. The functions of notice-functions.ts do what takes several statements. */
export function createNotices(pool: Pool): NoticeStore {
  async function isTrue(text: string, values: Parameters<Pool["query"]>[1]): Promise<boolean> {
    const [row] = await pool.query<{ is: boolean }>(`SELECT ${text} AS "is"`, values);
    return row?.is === true;
  }

  return {
    wantNotices: (wanted) => wantNotices(pool, wanted),

    async addNotice({ eventId, channel, kind, at }) {
      const { count } = await pool.query(
        `INSERT INTO notices (event_id, channel, kind, at, not_before, next_at)
         VALUES ($1, $2, $3, $4::bigint, $4::bigint, $4::bigint)
         ON CONFLICT (event_id, channel) WHERE conversation_seq IS NULL DO NOTHING`,
        [eventId, channel, kind, at],
      );
      return count > 0;
    },

    async claimNotices({ channel, limit, owner, now, until }) {
      const values = [channel, now, owner, until, limit];
      const rows = await pool.query<NoticeRow>(CLAIM, values);
      return rows.map((row) => toClaimed({ ...row, attempts: row.attempts + 1 }));
    },

    endAttempt: (seq, { state, owner, at, nextAt = at, receipt, error }) =>
      isTrue("end_attempt($1::bigint, $2, $3, $4::bigint, $5::bigint, $6, $7)", [
        seq,
        owner,
        state,
        at,
        state === "waiting" ? nextAt : at,
        receipt,
        error,
      ]),

    async nextNoticeAt(channels) {
      const [row] = await pool.query<{ at: number | null }>(
        `SELECT min(next_at)::float8 AS at FROM notices
         WHERE channel = ANY ($1::text[]) AND state = 'waiting'`,
        [channels],
      );
      return row?.at ?? undefined;
    },

    async channelStates() {
      return (await pool.query<ChannelRow>(STATES, [NOTICE_CHANNELS])).map(toChannelState);
    },

    async noteTrial(channel, at, error) {
      await pool.query("SELECT note_attempt($1, $2::bigint, $3)", [channel, at, error]);
    },

    async switchChannelOff(channel, address, at) {
      const values = [channel, address, at, SWITCHED_OFF];
      await pool.query("SELECT switch_channel_off($1, $2, $3::bigint, $4)", values);
    },

    async switchChannelOn(channel) {
      await pool.query(
        "UPDATE notice_channels SET off_address = NULL, off_at = NULL WHERE channel = $1",
        [channel],
      );
    },

    async listGivenUp(channel, limit) {
      const rows = await pool.query<GivenUpRow>(
        `SELECT ${NOTICE}, n.ended_at::float8 AS ended_at, n.last_error ${FROM}
         WHERE n.channel = $1 AND n.state = 'given_up' AND ${IS_SHOWN}
         ORDER BY n.ended_at DESC, n.seq DESC LIMIT $2::integer`,
        [channel, limit],
      );
      return rows.map(toGivenUp);
    },

    async sendAgain(channel, at) {
      const { count } = await pool.query(
        `UPDATE notices SET state = 'waiting', attempts = 0, next_at = $1::bigint, ended_at = NULL
         WHERE channel = $2 AND state = 'given_up'`,
        [at, channel],
      );
      return count;
    },

    async findReceipt(channel, receipt) {
      const [row] = await pool.query<PlaceRow>(
        `SELECT n.turn_id, c.id AS conversation_id ${FROM}
         WHERE n.channel = $1 AND n.receipt = $2 AND ${IS_SHOWN} ORDER BY n.seq DESC LIMIT 1`,
        [channel, receipt],
      );
      return row && toPlace(row);
    },

    async forgetNotices({ now, channels, waiting, delivered, answerable, givenUp }) {
      await pool.query(
        `UPDATE notices SET state = 'given_up', next_at = $1::bigint, ended_at = $1::bigint, last_error = $2,
           claimed_by = NULL
         WHERE state = 'waiting' AND channel <> ALL ($4::text[]) AND at < $3::bigint`,
        [now, WAITED_TOO_LONG, waiting, channels],
      );
      await pool.query(RELEASE_ALL);
      await pool.query(
        `UPDATE notices SET next_at = $1::bigint
         WHERE channel = ANY ($2::text[]) AND state = 'waiting'
           AND next_at > $1::bigint + ${MAX_WAIT_MS} AND next_at < ${BEHIND_ANOTHER}`,
        [now, channels],
      );
      const { count } = await pool.query(
        `DELETE FROM notices WHERE seq IN (
           SELECT seq FROM notices WHERE (state = 'delivered' AND receipt IS NULL AND ended_at < $1::bigint)
             OR (state = 'delivered' AND ended_at < $2::bigint) OR (state = 'given_up' AND ended_at < $3::bigint)
           LIMIT ${FORGET_AT_ONCE}
         )`,
        [delivered, answerable, givenUp],
      );
      return count < FORGET_AT_ONCE;
    },
  };
}

/** Looks before it writes, because each start of each replica asks for it. */
async function wantNotices(pool: Pool, wanted: readonly WantedNotice[]): Promise<void> {
  const found = await pool.query<WantedNotice>("SELECT kind, channel FROM notices_wanted");
  const namesOf = (all: readonly WantedNotice[]) =>
    all.map(({ kind, channel }) => `${kind} ${channel}`).toSorted();
  if (Bun.deepEquals(namesOf(found), namesOf(wanted))) return;
  await pool.query(
    `WITH next AS (
       SELECT * FROM unnest($1::text[], $2::text[]) AS n (kind, channel)
     ), unwanted AS (
       DELETE FROM notices_wanted WHERE (kind, channel) NOT IN (SELECT kind, channel FROM next)
     )
     INSERT INTO notices_wanted (kind, channel) SELECT DISTINCT kind, channel FROM next
     ON CONFLICT DO NOTHING`,
    [wanted.map(({ kind }) => kind), wanted.map(({ channel }) => channel)],
  );
}
