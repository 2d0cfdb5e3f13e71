import {
  type DayCounts,
  type FirstTokenCount,
  type GroundingCount,
  type RatingCount,
  toDailyFigures,
  utcDayOf,
} from "../figures.ts";
import type { FigureStore } from "../store.ts";
import type { Pool } from "./pool.ts";

const DAYS = `SELECT day, sum(conversations)::float8 AS conversations, sum(messages)::float8 AS messages,
    sum(tokens)::float8 AS tokens, sum(errors)::float8 AS errors
  FROM daily WHERE day BETWEEN $1::integer AND $2::integer GROUP BY day ORDER BY day`;

const FIRST_TOKENS = `SELECT day, ms, sum(answers)::float8 AS answers
  FROM daily_first_token WHERE day BETWEEN $1::integer AND $2::integer GROUP BY day, ms ORDER BY day, ms`;

const GROUNDINGS = `SELECT day, grounding, sum(answers)::float8 AS answers
  FROM daily_grounding WHERE day BETWEEN $1::integer AND $2::integer GROUP BY day, grounding`;

const RATED = `SELECT day, rating, answers::float8 AS answers
  FROM daily_ratings WHERE day BETWEEN $1::integer AND $2::integer`;

export function createFigures(pool: Pool): FigureStore {
  return {
    async dailyFigures(from, to) {
      const days = [utcDayOf(from), utcDayOf(to)];
      const [counts, times, groundings, ratings] = await Promise.all([
        pool.query<DayCounts>(DAYS, days),
        pool.query<FirstTokenCount>(FIRST_TOKENS, days),
        pool.query<GroundingCount>(GROUNDINGS, days),
        pool.query<RatingCount>(RATED, days),
      ]);
      return toDailyFigures(counts, times, groundings, ratings);
    },
  };
}
