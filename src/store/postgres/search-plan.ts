/** How many messages of all ages are looked at: a millisecond. */
const SAMPLED = 2000;
/** Up to this share of the messages, to read all matches through the index is faster. */
const RARE_SHARE = 0.05;

/**
 * Makes the next statements read the matches of a rare search through the index of words. PostgreSQL assumes that the
 * beginning of a word that is not among the frequent ones is in 2 % of all messages, so it would look at the newest
 * messages one by one: at all of them, where only a few match. A sample of the messages says how many do. For a frequent
 * search, PostgreSQL is left to decide.
 * $1: SearchQuery.candidates.
 */
export const CHOOSE_PLAN = `SELECT set_config('enable_indexscan', choice.reads, true),
    set_config('enable_seqscan', choice.reads, true)
  FROM (
    SELECT CASE WHEN count(*) FILTER (WHERE words @@ $1::tsquery) > count(*) * ${RARE_SHARE}
      THEN 'on' ELSE 'off' END AS reads
    FROM messages TABLESAMPLE SYSTEM ((
      SELECT 100 * least(1, ${SAMPLED} / greatest(1, reltuples))
      FROM pg_class WHERE oid = 'messages'::regclass
    ))
  ) AS choice`;

/** PostgreSQL decides again how it reads. */
export const LEAVE_PLAN = "SET LOCAL enable_indexscan = DEFAULT; SET LOCAL enable_seqscan = DEFAULT";
