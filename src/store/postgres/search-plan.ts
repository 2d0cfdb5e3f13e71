/** How many messages of all ages are looked at: a millisecond. */
const SAMPLED = 2000;
/** Up to this share of the messages, to read all matches through the index is faster. */
const RARE_SHARE = 0.05;

/**
 * Chooses how the next statements read the messages: a rare search reads all its matches through the index of words, and
 * a frequent one looks at the newest messages one by one. PostgreSQL assumes that the beginning of a word that is not
 * among the frequent ones is in 2 % of the messages, and that words are independent of each other. So it would look at
 * each of a million messages for a word that five have, and would collect 100,000 matches of two frequent words. A
 * sample of the messages says how many match.
 * $1: SearchQuery.candidates.
 */
export const CHOOSE_PLAN = `SELECT set_config('enable_seqscan', 'off', true),
    set_config('enable_bitmapscan', is_rare::text, true),
    set_config('enable_indexscan', (NOT is_rare)::text, true)
  FROM (
    SELECT count(*) FILTER (WHERE words @@ $1::tsquery) <= count(*) * ${RARE_SHARE} AS is_rare
    FROM messages TABLESAMPLE SYSTEM ((
      SELECT 100 * least(1, ${SAMPLED} / greatest(1, reltuples))
      FROM pg_class WHERE oid = 'messages'::regclass
    ))
  ) AS sample`;

/** PostgreSQL chooses again. */
export const LEAVE_PLAN = `SET LOCAL enable_seqscan = DEFAULT; SET LOCAL enable_bitmapscan = DEFAULT;
  SET LOCAL enable_indexscan = DEFAULT`;
