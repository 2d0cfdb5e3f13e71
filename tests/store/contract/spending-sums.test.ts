import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { hasPostgres } from "../../../harness/postgres.ts";
import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { randomNumbers } from "../../../harness/random-numbers.ts";
import type { ModelPrices } from "../../../src/config/model-prices.ts";
import type {
  Amount,
  Party,
  Periods,
  RefusedReservation,
  Reservation,
} from "../../../src/store/spending-store.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { openEmptyPostgres } from "../../support/empty-postgres.ts";
import { reservation } from "../../support/reservations.ts";
import { newTurn, outcome } from "../../support/stored-turns.ts";

afterEach(cleanUp);

/** A store whose server is killed and started again. */
interface Killable {
  readonly store: Store;
  /** How often an end that was stored may be stored: a connection may be lost, and a file is never. */
  readonly tries: number;
  restart(): Promise<void>;
}

async function openFile(): Promise<Killable> {
  const file = join(temporaryFolder(), "chat.db");
  let store = openSqliteStore(file);
  return {
    tries: 1,
    get store() {
      return store;
    },
    async restart() {
      // Whoever is closed settles nothing.
      await store.close();
      store = openSqliteStore(file);
      await store.interruptUnfinishedTurns();
      await store.settleOrphans("2026-11-01");
    },
  };
}

async function openPostgres(): Promise<Killable> {
  const { store } = await openEmptyPostgres();
  return {
    store,
    tries: 2,
    async restart() {
      await store.interruptUnfinishedTurns();
      await store.settleOrphans("2026-11-01");
    },
  };
}

const STORES: readonly (readonly [string, () => Promise<Killable>])[] = [
  ["SQLite", openFile],
  ...(hasPostgres ? [["PostgreSQL", openPostgres] as const] : []),
];

const PERIODS: readonly Periods[] = [
  { day: "2026-11-29", month: "2026-11" },
  { day: "2026-11-30", month: "2026-11" },
  { day: "2026-12-01", month: "2026-12" },
];
const PRICES: readonly ModelPrices[] = [
  { input: 0.4, output: 1.6 },
  { input: 0.1, output: 0.3 },
  { input: 0, output: 0 },
];
const KEYS = ["p", "q", "r"];
const STEPS = 400;
const SESSIONS = 6;

/** What the ledger has to be, computed as plainly as possible. */
class Model {
  readonly #spent = new Map<string, Amount>();
  readonly #held = new Map<string, { readonly of: Reservation; readonly amount: Amount }>();

  get heldIds(): readonly string[] {
    return [...this.#held.keys()];
  }

  isHeld(id: string): boolean {
    return this.#held.has(id);
  }

  hold(of: Reservation): RefusedReservation | undefined {
    const { inputTokens, outputTokens, prices } = of;
    const cost = Math.ceil(inputTokens * prices.input + outputTokens * prices.output);
    const amount = { inputTokens, outputTokens, cost };
    const limits = [
      { by: "month" as const, row: of.month, limit: of.perMonth },
      { by: "day" as const, row: of.day, limit: of.perDay },
      ...of.parties.map((each) => ({
        by: "party" as const,
        row: `${of.day} ${each.key}`,
        ...each,
      })),
    ];
    const size = (each: Amount) =>
      of.unit === "money" ? each.cost : each.inputTokens + each.outputTokens;
    const left = ({ row, limit = Infinity }: (typeof limits)[number], isLasting: boolean) =>
      limit - size(this.spentIn(row)) - (isLasting ? 0 : size(this.heldIn(row))) - size(amount);
    for (const isLasting of [true, false]) {
      const passed = limits.find((each) => left(each, isLasting) < 0);
      if (passed !== undefined) return { by: passed.by, isForNow: !isLasting };
    }
    this.#held.set(of.id, { of, amount });
    return undefined;
  }

  settle(id: string, amount: Amount | undefined): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    for (const row of rowsOf(held.of)) this.#add(row, amount ?? held.amount);
  }

  count({ day, month }: Periods, amount: Amount): void {
    for (const row of [day, month]) this.#add(row, amount);
  }

  spentIn(row: string): Amount {
    return this.#spent.get(row) ?? { inputTokens: 0, outputTokens: 0, cost: 0 };
  }

  heldIn(row: string): Amount {
    const amounts = [...this.#held.values()].filter(({ of }) => rowsOf(of).includes(row));
    return amounts.map(({ amount }) => amount).reduce(sumOf, this.spentIn("nobody"));
  }

  #add(row: string, amount: Amount): void {
    this.#spent.set(row, sumOf(this.spentIn(row), amount));
  }
}

function rowsOf({ day, month, parties }: Reservation): string[] {
  return [day, month, ...parties.map(({ key }) => `${day} ${key}`)];
}

function sumOf(one: Amount, other: Amount): Amount {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cost: one.cost + other.cost,
  };
}

/** Chooses by a seed. */
function createChoices(seed: number) {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = <Each>(all: readonly Each[]): Each => {
    const chosen = all[below(all.length)];
    if (chosen === undefined) throw new Error("There is nothing to choose from.");
    return chosen;
  };
  const amount = (): Amount => ({
    inputTokens: below(150),
    outputTokens: below(150),
    cost: below(200),
  });
  const parties = (): Party[] =>
    KEYS.filter(() => random() < 0.5).map((key) => ({ key, limit: 900 }));
  const limit = (most: number) => (random() < 0.8 ? most : undefined);
  const reserved = (id: string): Reservation =>
    reservation({
      id,
      // Of no replica that there is.
      owner: "r_gone",
      ...oneOf(PERIODS),
      inputTokens: below(100),
      outputTokens: below(100),
      prices: oneOf(PRICES),
      unit: random() < 0.5 ? "money" : "tokens",
      perDay: limit(3500),
      perMonth: limit(4500),
      parties: parties(),
    });
  return { random, oneOf, amount, reserved };
}

describe.each(STORES)("the ledger on %s", (_, open) => {
  test.each([1, 20_261_126])(
    "has the sums that a plain model has, whatever begins, ends, is erased or killed (seed %d)",
    async (seed) => {
      const { random, oneOf, amount, reserved } = createChoices(seed);
      const killable = await open();
      const model = new Model();
      /** Turns and calls under way, and those that a restart has ended and whose process still ends them. */
      const turns = new Map<string, { readonly sessionId: string; readonly isReserved: boolean }>();
      const calls = new Map<string, boolean>();
      const refusals = new Map<string, number>();
      const note = (refused: RefusedReservation | undefined) => {
        if (refused === undefined) return;
        const name = `${refused.by} ${refused.isForNow}`;
        refusals.set(name, (refusals.get(name) ?? 0) + 1);
      };

      const steps: Readonly<Record<string, (n: number) => Promise<void>>> = {
        async beginTurn(n) {
          const sessionId = `s${Math.floor(random() * SESSIONS)}`;
          const isReserved = random() < 0.8;
          const turn = newTurn({
            turnId: `t${n}`,
            sessionId,
            // Without earlier messages, which the stores estimate each in its way.
            history: { messages: 1, tokens: 8000 },
            reservation: isReserved ? reserved(`t${n}`) : undefined,
          });
          const active = await killable.store.activeTurnId(sessionId);
          const beginning = await killable.store.beginTurn(turn);
          if (active !== undefined) return expect(beginning.kind).toBe("busy");
          const refused = turn.reservation && model.hold(turn.reservation);
          note(refused);
          if (refused !== undefined)
            return expect(beginning).toEqual({ kind: "refused", ...refused });
          expect(beginning.kind).toBe("begun");
          turns.set(turn.turnId, { sessionId, isReserved });
        },
        async finishTurn() {
          if (turns.size === 0) return;
          const [turnId, { isReserved }] = oneOf([...turns]);
          turns.delete(turnId);
          const isKnown = random() < 0.8;
          const used = amount();
          const periods = oneOf(PERIODS);
          const spent = isKnown ? { ...used, ...periods, isReserved } : undefined;
          const end = outcome({ spent, content: `of ${turnId}` });
          const { store, tries } = killable;
          for (let n = 0; n < tries; n += 1) await store.finishTurn(turnId, end);
          if (isReserved) model.settle(turnId, spent && used);
          else if (isKnown) model.count(periods, used);
        },
        async reserve(n) {
          const isReserved = random() < 0.8;
          calls.set(`c${n}`, isReserved);
          if (!isReserved) return;
          const call = reserved(`c${n}`);
          const refused = model.hold(call);
          note(refused);
          if (refused !== undefined) calls.delete(call.id);
          expect(await killable.store.reserve(call)).toEqual(refused);
        },
        async settle() {
          if (calls.size === 0) return;
          const [id, isReserved] = oneOf([...calls]);
          calls.delete(id);
          const used = random() < 0.8 ? amount() : undefined;
          const periods = oneOf(PERIODS);
          const { store, tries } = killable;
          for (let n = 0; n < tries; n += 1) {
            await store.settle(id, { ...periods, amount: used, isReserved });
          }
          if (isReserved) model.settle(id, used);
          else if (used !== undefined) model.count(periods, used);
        },
        async erase() {
          const sessionId = `s${Math.floor(random() * SESSIONS)}`;
          const found = await killable.store.findConversationBySession(sessionId);
          if (found === undefined) return;
          if (random() < 0.5) await killable.store.deleteConversation(found.id);
          else await killable.store.hideConversation(found.id, 1);
        },
        async kill() {
          if (random() < 0.8) return;
          await killable.restart();
          for (const id of model.heldIds) model.settle(id, undefined);
        },
      };

      const rows = [...new Set(PERIODS.flatMap(({ day, month }) => [day, month]))];
      for (let n = 0; n < STEPS; n += 1) {
        const name = oneOf(Object.keys(steps));
        await steps[name]?.(n);
        const expected = rows.map((period) => ({
          period,
          ...model.spentIn(period),
          held: model.heldIn(period),
        }));
        expect([name, ...(await killable.store.spentIn(rows))]).toEqual([name, ...expected]);
      }
      // The limits are such that each of them refuses something.
      for (const by of ["day", "month", "party"]) {
        expect(refusals.get(`${by} false`) ?? 0).toBeGreaterThan(0);
      }
      await killable.restart();
      for (const { held } of await killable.store.spentIn(rows)) expect(held.cost).toBe(0);
      await killable.store.close();
    },
  );
});
