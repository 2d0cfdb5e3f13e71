/**
 * The ledger in the database (spending-store.ts). What belongs together is in one transaction, and each call is settled once,
 * because what is set aside for it is deleted once.
 *
 * A period has several rows, so that those who settle need not wait for each other. Only those who set something aside near
 * a limit come one after the other, so that together they do not pass it. Whoever writes the rows of several periods and parties
 * locks them in the order of the key, after the row of a conversation and before those of the day's figures: no two of them
 * deadlock.
 */

export const SPENDING_SCHEMA = `
  CREATE TABLE spending (
    period        text COLLATE "C" NOT NULL,
    party         text COLLATE "C" NOT NULL,
    slot          integer NOT NULL,
    input_tokens  bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    cost          bigint NOT NULL DEFAULT 0,
    held_input    bigint NOT NULL DEFAULT 0,
    held_output   bigint NOT NULL DEFAULT 0,
    held_cost     bigint NOT NULL DEFAULT 0,
    warned_at     bigint,
    warned_limit  bigint,
    reached_at    bigint,
    reached_limit bigint,
    PRIMARY KEY (period, party, slot)
  ) WITH (fillfactor = 50);
  CREATE TABLE spending_held (
    id            text COLLATE "C" PRIMARY KEY,
    owner         text COLLATE "C" NOT NULL,
    day           text COLLATE "C" NOT NULL,
    month         text COLLATE "C" NOT NULL,
    input_tokens  bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cost          bigint NOT NULL,
    parties       text NOT NULL,
    at            bigint NOT NULL
  );
  -- Calls that were counted without having been set aside, and that no message shows to be counted.
  CREATE TABLE spending_counted (
    id text COLLATE "C" PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
  );
  ALTER TABLE messages ADD COLUMN cost bigint;
`;

/** Adds what was spent and what is held, the same to a month, a day, and parties on that day. */
const ADD_SPENDING = `
CREATE FUNCTION add_spending(
  p_day text, p_month text, p_parties text, p_input bigint, p_output bigint, p_cost bigint,
  p_held_input bigint, p_held_output bigint, p_held_cost bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO spending AS s (
    period, party, slot, input_tokens, output_tokens, cost, held_input, held_output, held_cost
  )
  SELECT period, party, slot, p_input, p_output, p_cost, p_held_input, p_held_output, p_held_cost FROM (
    SELECT unnest(ARRAY [p_month, p_day]) AS period, '' COLLATE "C" AS party, pg_backend_pid() % 32 AS slot
    UNION ALL SELECT p_day, json_array_elements_text(p_parties::json), 0
  ) AS added ORDER BY period COLLATE "C", party COLLATE "C"
  ON CONFLICT (period, party, slot) DO UPDATE SET
    input_tokens = s.input_tokens + excluded.input_tokens,
    output_tokens = s.output_tokens + excluded.output_tokens,
    cost = s.cost + excluded.cost,
    held_input = s.held_input + excluded.held_input,
    held_output = s.held_output + excluded.held_output,
    held_cost = s.held_cost + excluded.held_cost;
END $$;
`;

/** A reservation as reservationText writes it. */
const RESERVATION = `owner text, day text, month text, input bigint, output bigint, price_input float8,
    price_output float8, unit text, per_day float8, per_month float8, parties json, at bigint`;

/**
 * Why a call does not fit: a limit that is used up rather than one that only calls under way fill (refusalOf). The rows of
 * a month, a day and a party are summed up by one statement, so that what is settled meanwhile is not missed.
 */
const SPENDING_REFUSAL = `
CREATE FUNCTION spending_refusal(
  p_reservation json, p_history_tokens bigint,
  OUT refused_by text, OUT is_for_now boolean, OUT input bigint, OUT cost bigint
) LANGUAGE plpgsql AS $$
DECLARE
  r record;
  amount bigint;
BEGIN
  SELECT * INTO r FROM json_to_record(p_reservation) AS r (${RESERVATION});
  input := r.input + p_history_tokens;
  cost := ceil(input * r.price_input + r.output * r.price_output);
  amount := CASE r.unit WHEN 'money' THEN cost ELSE input + r.output END;
  SELECT l.by, l.spent + amount <= l.most INTO refused_by, is_for_now FROM (
    SELECT limits.place, limits.by, limits.most,
      coalesce(sum(CASE r.unit WHEN 'money' THEN s.cost ELSE s.input_tokens + s.output_tokens END), 0) AS spent,
      coalesce(sum(CASE r.unit WHEN 'money' THEN s.held_cost ELSE s.held_input + s.held_output END), 0) AS held
    FROM (
      SELECT 1 AS place, 'month' AS by, r.month AS period, '' AS party, r.per_month AS most
      UNION ALL SELECT 2, 'day', r.day, '', r.per_day
      UNION ALL SELECT 3, 'party', r.day, party ->> 0, (party ->> 1)::float8
      FROM json_array_elements(r.parties) AS party
    ) AS limits LEFT JOIN spending AS s ON s.period = limits.period AND s.party = limits.party
    WHERE limits.most IS NOT NULL GROUP BY limits.place, limits.by, limits.period, limits.party, limits.most
  ) AS l WHERE l.spent + l.held + amount > l.most
  ORDER BY l.spent + amount <= l.most, l.place LIMIT 1;
END $$;
`;

/**
 * Whether a call is so small beside the limits of the day and the month, and so little of them is used, that all
 * transactions that the server can have at once cannot pass one of them together: a quarter is left for what they do not
 * see of each other.
 */
const SPENDING_HAS_ROOM = `
CREATE FUNCTION spending_has_room(p_reservation json, p_history_tokens bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  amount float8;
BEGIN
  SELECT * INTO r FROM json_to_record(p_reservation) AS r (${RESERVATION});
  amount := r.input + p_history_tokens;
  amount := CASE r.unit WHEN 'money' THEN ceil(amount * r.price_input + r.output * r.price_output)
    ELSE amount + r.output END;
  RETURN NOT EXISTS (
    SELECT FROM (VALUES (r.month, r.per_month), (r.day, r.per_day)) AS l (period, most)
    WHERE amount * current_setting('max_connections')::integer > l.most / 4 OR l.most * 3 / 4 < (
      SELECT coalesce(sum(CASE r.unit WHEN 'money' THEN s.cost + s.held_cost
        ELSE s.input_tokens + s.output_tokens + s.held_input + s.held_output END), 0)
      FROM spending AS s WHERE s.period = l.period AND s.party = ''
    )
  );
END $$;
`;

/**
 * Sets aside what a call may cost, once, or says why it does not fit. Near a limit, those who do so come one after the
 * other; before that, only those of the same party. Two that have waited until they are near it may block each other: one
 * of them is then repeated.
 */
const HOLD_SPENDING = `
CREATE FUNCTION hold_spending(
  p_id text, p_reservation json, p_history_tokens bigint, OUT refused_by text, OUT is_for_now boolean
) LANGUAGE plpgsql AS $$
DECLARE
  r record;
  refusal record;
  keys text;
  gate bigint := hashtextextended('chatporch.spending', 0);
BEGIN
  IF spending_has_room(p_reservation, p_history_tokens) THEN PERFORM pg_advisory_xact_lock_shared(gate); END IF;
  IF NOT spending_has_room(p_reservation, p_history_tokens) THEN PERFORM pg_advisory_xact_lock(gate); END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(key, 1)) FROM (
    SELECT party ->> 0 AS key FROM json_array_elements(p_reservation -> 'parties') AS party ORDER BY 1
  ) AS parties;
  IF EXISTS (SELECT FROM spending_held WHERE id = p_id) THEN RETURN; END IF;
  refusal := spending_refusal(p_reservation, p_history_tokens);
  IF refusal.refused_by IS NOT NULL THEN
    refused_by := refusal.refused_by;
    is_for_now := refusal.is_for_now;
    RETURN;
  END IF;
  SELECT * INTO r FROM json_to_record(p_reservation) AS r (${RESERVATION});
  SELECT coalesce(json_agg(party ->> 0), '[]')::text INTO keys FROM json_array_elements(r.parties) AS party;
  INSERT INTO spending_held (id, owner, day, month, input_tokens, output_tokens, cost, parties, at)
  VALUES (p_id, r.owner, r.day, r.month, refusal.input, r.output, refusal.cost, keys, r.at);
  PERFORM add_spending(r.day, r.month, keys, 0, 0, 0, refusal.input, r.output, refusal.cost);
END $$;
`;

/** What a call has spent, as spentText writes it. */
const SPENT = "day text, month text, input bigint, output bigint, cost bigint, is_reserved boolean";

/**
 * Counts what a call has spent in place of what was set aside for it: all of that where nobody knows. Returns whether
 * anything was, and what that would have cost.
 */
const SETTLE_HELD = `
CREATE FUNCTION settle_held(p_id text, p_spent json, OUT was_held boolean, OUT held_cost bigint)
LANGUAGE plpgsql AS $$
DECLARE
  held spending_held%ROWTYPE;
  spent record;
BEGIN
  DELETE FROM spending_held WHERE id = p_id RETURNING * INTO held;
  was_held := FOUND;
  IF NOT was_held THEN RETURN; END IF;
  held_cost := held.cost;
  SELECT * INTO spent FROM json_to_record(p_spent) AS s (${SPENT});
  PERFORM add_spending(held.day, held.month, held.parties, coalesce(spent.input, held.input_tokens),
    coalesce(spent.output, held.output_tokens),
    CASE WHEN p_spent IS NULL THEN held.cost ELSE coalesce(spent.cost, 0) END,
    -held.input_tokens, -held.output_tokens, -held.cost);
END $$;
`;

/**
 * Counts what a call has spent for which nothing was set aside, unless something was and somebody else has settled it.
 * Without p_is_new it is counted once for an id.
 */
const COUNT_SPENT = `
CREATE FUNCTION count_spent(p_id text, p_spent json, p_is_new boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  spent record;
BEGIN
  SELECT * INTO spent FROM json_to_record(p_spent) AS s (${SPENT});
  IF p_spent IS NULL OR spent.is_reserved THEN RETURN; END IF;
  IF NOT p_is_new THEN
    INSERT INTO spending_counted (id) VALUES (p_id) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  PERFORM add_spending(spent.day, spent.month, '[]', spent.input, spent.output, coalesce(spent.cost, 0), 0, 0, 0);
END $$;
`;

const SETTLE_SPENDING = `
CREATE FUNCTION settle_spending(p_id text, p_spent json) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  settled record;
BEGIN
  settled := settle_held(p_id, p_spent);
  IF NOT settled.was_held THEN PERFORM count_spent(p_id, p_spent, false); END IF;
  RETURN settled.was_held;
END $$;
`;

/** Notes, once for each budget of a period, that much of it is spent. */
const NOTE_SPENDING = `
CREATE FUNCTION note_spending(
  p_period text, p_mark text, p_limit bigint, p_at bigint, p_is_repeated boolean
) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO spending (period, party, slot) VALUES (p_period, '', 0) ON CONFLICT DO NOTHING;
  IF p_mark = 'warning' THEN
    UPDATE spending SET warned_at = p_at, warned_limit = p_limit
    WHERE period = p_period AND party = '' AND slot = 0
      AND warned_limit IS DISTINCT FROM p_limit AND reached_limit IS DISTINCT FROM p_limit;
  ELSE
    UPDATE spending SET reached_at = p_at, reached_limit = p_limit
    WHERE period = p_period AND party = '' AND slot = 0 AND reached_limit IS DISTINCT FROM p_limit;
  END IF;
  RETURN FOUND OR (p_is_repeated AND EXISTS (
    SELECT FROM spending WHERE period = p_period AND party = '' AND slot = 0
      AND CASE p_mark WHEN 'warning' THEN warned_at = p_at AND warned_limit = p_limit
        ELSE reached_at = p_at AND reached_limit = p_limit END
  ));
END $$;
`;

export const SPENDING_FUNCTIONS = [
  ADD_SPENDING,
  SPENDING_REFUSAL,
  SPENDING_HAS_ROOM,
  HOLD_SPENDING,
  SETTLE_HELD,
  COUNT_SPENT,
  SETTLE_SPENDING,
  NOTE_SPENDING,
].join("");
