/** How many messages of all ages are looked at: a millisecond. */
const SAMPLED = 2000;
/** Up to this share of the messages, to read all matches through the index is faster. */
const RARE_SHARE = 0.05;

/** Ways of reading and joining, and whether a rare search may use them. */
const WAYS = {
  enable_seqscan: "false",
  enable_bitmapscan: "is_rare",
  enable_indexscan: "NOT is_rare",
  // They read all matches before they return the first one.
  enable_hashjoin: "is_rare",
  enable_mergejoin: "is_rare",
};

/**
 * Chooses how the next statements read the messages: a rare search reads all its matches through the index of words, and
 * a frequent one looks at the newest messages one by one. PostgreSQL assumes that the beginning of a word that is not
 * among the frequent ones is in 2 % of the messages, and that words are independent of each other. So it would look at
 * each of a million messages for a word that five have, and would collect 100,000 matches of two frequent words. A
 * sample of the messages says how many match.
 * $1: SearchQuery.candidates.
 */
export const CHOOSE_PLAN = `SELECT ${Object.entries(WAYS)
  .map(([name, isOn]) => `set_config('${name}', (${isOn})::text, true) AS ${name}`)
  .join(", ")}
  FROM (
    SELECT count(*) FILTER (WHERE words @@ $1::tsquery) <= count(*) * ${RARE_SHARE} AS is_rare
    FROM messages TABLESAMPLE SYSTEM ((
      SELECT 100 * least(1, ${SAMPLED} / greatest(1, reltuples))
      FROM pg_class WHERE oid = 'messages'::regclass
    ))
  ) AS sample`;

/** PostgreSQL chooses again. */
export const LEAVE_PLAN = Object.keys(WAYS)
  .map((name) => `SET LOCAL ${name} = DEFAULT`)
  .join("; ");
