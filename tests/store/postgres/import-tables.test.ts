import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { SQL } from "bun";

import { hasPostgres, sharedPostgres, startPostgres } from "../../../harness/postgres.ts";
import { cleanUp, temporaryFolder } from "../../../harness/process.ts";
import { DAY_MS } from "../../../src/runtime/time.ts";
import { LIST_MARKS } from "../../../src/store/list-marks.ts";
import { type ImportProgress, importTables } from "../../../src/store/postgres/import-tables.ts";
import { migratePostgres } from "../../../src/store/postgres/migrate.ts";
import { openPostgresStore } from "../../../src/store/postgres/open.ts";
import { openSqliteStore } from "../../../src/store/sqlite/open.ts";
import { openStoredTables } from "../../../src/store/sqlite/stored-tables.ts";
import type { Store } from "../../../src/store/store.ts";
import { askAsOwner } from "../../support/admin-requests.ts";
import { WITH_INDEX } from "../../support/empty-postgres.ts";
import { amount, DAY, MONTH, reservation, ZERO } from "../../support/reservations.ts";
import { addSource, foundTexts, newDocument, section } from "../../support/stored-knowledge.ts";
import { storedRequest } from "../../support/stored-requests.ts";
import { settingsChange } from "../../support/stored-settings.ts";
import { begin, newTurn, NOON, outcome, storeExchange } from "../../support/stored-turns.ts";
import { createTestApp } from "../../support/test-app.ts";

setDefaultTimeout(60_000);

/** Texts that a careless format of rows would change. */
const AWKWARD = [
  "a\tb\nc\r\nd\re\bf\fg\vh",
  String.raw`C:\new\table \N \. \\ \x41 \101`,
  String.raw`\N`,
  String.raw`\.`,
  "\\",
  "",
  " leading and trailing ",
  String.fromCharCode(
    ...Array.from({ length: 31 }, (_, i) => i + 1),
    127,
    0x85,
    0xa0,
    0x2028,
    0xfeff,
  ),
  "東京で働く人 👩‍👩‍👧 e\u0301 é ﬁ İ",
  "half \ud800 a character",
  `"quoted", 'twice'; DROP TABLE messages; -- {} $1 %s`,
  `A long text. ${"größer als 500 KB ".repeat(28_000)}`,
];
const SEARCHES = [
  "DROP TABLE",
  "東京",
  "größer",
  "e\u0301",
  "new table",
  "question",
  "nowhere",
  "draft",
];

let file: string;
let opened: Store[];

beforeEach(() => {
  file = join(temporaryFolder(), "chat.db");
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await cleanUp();
});

function openFile(): Store {
  const store = openSqliteStore(file);
  opened.push(store);
  return store;
}

/** A database with everything in it, and an answer that a crash cuts off. */
async function fillFile(): Promise<void> {
  const store = openSqliteStore(file);
  for (const [index, text] of AWKWARD.entries()) {
    const at = NOON + index * (DAY_MS / 3);
    await storeExchange(store, {
      sessionId: `s${index % 5}`,
      question: `question ${text}`,
      answer: text,
      at,
    });
  }
  for (const status of ["failed", "stopped", "interrupted"] as const) {
    const turn = newTurn({
      sessionId: status,
      idempotencyKey: `key-${status}`,
      question: "Again?",
    });
    await begin(store, turn);
    const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 8 };
    await store.finishTurn(turn.turnId, outcome({ status, errorCode: "model_error", usage }));
  }
  const rated = await storeExchange(store, { sessionId: "failed", question: "Again?" });
  const rating = { value: "negative", reasons: ["wrong"], comment: "It's\n\\N", at: NOON } as const;
  const kinds = ["answer.rated", "answer.failed", "conversation.started"] as const;
  await store.wantNotices(kinds.map((kind) => ({ channel: "webhook", kind })));
  await store.rateAnswer(rated.turnId, rating);
  await store.noteTrial("webhook", NOON, "It's\n\\N");
  const { conversationId } = rated;
  const contact = { kind: "phone", value: "+49 30 12345" } as const;
  await storedRequest(store, conversationId, { id: "p_1", contact, note: "It's\n\\N" });
  await storedRequest(store, conversationId, { id: "p_2", at: NOON + 1 });
  await store.closeRequest("p_1", NOON + 2);
  const erased = await storeExchange(store, { sessionId: "erased" });
  await store.deleteConversation(erased.conversationId);
  await store.secret("session_token", () => "kept");
  await store.saveOwnerSession({ hash: "of the owner", createdAt: NOON, usedAt: NOON + 1 });
  const values = Object.fromEntries(AWKWARD.map((text, index) => [`SETTING_${index}`, text]));
  const made = [{ id: "k1", name: "Shop", key: "key-of-the-shop" }];
  await store.changeSettings(
    settingsChange({ values, madeKeys: made, instructions: "Be kind.\n" }),
  );
  const revoked = { expectedVersion: 1, revokedKeys: ["k1"] };
  await store.changeSettings(settingsChange({ ...revoked, at: NOON + 1 }));
  await store.noteRefusedOrigins([{ origin: "https://shop.example", count: 3, lastAt: NOON }]);
  const parties = [{ key: "of a visitor", limit: 1000 }];
  const draft = newTurn({
    sessionId: "cut off",
    at: NOON + 9 * DAY_MS,
    reservation: reservation({ parties }),
  });
  await begin(store, draft);
  await store.reserve(reservation());
  await store.settle("x", { day: DAY, month: MONTH, amount: amount(5, 6, 7), isReserved: false });
  await store.saveDrafts([{ turnId: draft.turnId, content: "A draft \\ of" }]);
  await store.close();
}

/** A source with a document in two sections, one that the owner has switched off, and one that could not be read. */
async function fillKnowledge(): Promise<void> {
  const store = openSqliteStore(file);
  const { id: sourceId } = await addSource(store, {
    ignoresRobots: true,
    only: "https://s.example/a",
  });
  const sections = [
    section("荷物は三日で届きます。", 'A "› B', "a"),
    section("Parcels take\tthree\ndays."),
  ];
  await store.putDocument(newDocument({ sourceId, sections, original: "**typed**" }));
  await store.putDocument(newDocument({ sourceId, uri: "off" }));
  await store.switchDocument((await store.findDocument("off"))?.id ?? 0, true);
  const note = { sourceId, uri: "failed", status: "failed", reason: "403" } as const;
  await store.noteDocument({ ...note, isMissing: true, at: NOON });
  await store.settleQuestions(["key"], { at: NOON, isAnswered: true });
  const turn = newTurn({ sessionId: "with sources", at: NOON });
  await begin(store, turn);
  const sources = [{ number: 1, title: "T", heading: "", url: undefined, isCited: true }];
  await store.finishTurn(turn.turnId, outcome({ grounding: "none", sources }));
  await store.close();
}

interface Options {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => unknown;
}

async function move(url: string, options: Options = {}) {
  const { signal = new AbortController().signal, onProgress = () => {} } = options;
  const source = openStoredTables(file);
  try {
    return await importTables(url, source.tables, { signal, onProgress });
  } finally {
    source.close();
  }
}

async function newDatabase(): Promise<string> {
  const url = await (await sharedPostgres()).createDatabase();
  await migratePostgres(url);
  return url;
}

async function openDatabase(url: string): Promise<Store> {
  const { store } = await openPostgresStore(url);
  opened.push(store);
  return store;
}

/** The message of the error with which the work fails. */
async function failureOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => "It did not fail.",
    (error: unknown) => error,
  );
  return failure instanceof Error ? failure.message : String(failure);
}

async function conversationsIn(url: string): Promise<number> {
  const sql = new SQL(url, { max: 1 });
  try {
    const [found] = await sql`SELECT count(*)::integer AS total FROM conversations`;
    return found.total;
  } finally {
    await sql.close({ timeout: 0 });
  }
}

describe.skipIf(!hasPostgres)("an import of a SQLite file into PostgreSQL", () => {
  test("moves what waits in the outbox, and reports nothing of what it moves", async () => {
    await fillFile();
    const url = await newDatabase();
    const before = await openDatabase(url);
    const kind = "conversation.started";
    await before.wantNotices([{ channel: "webhook", kind }]);
    await move(url);
    const claim = {
      channel: "webhook",
      limit: 99,
      owner: "a",
      now: NOON * 2,
      until: NOON * 2,
    } as const;
    const claimed = await before.claimNotices(claim);
    expect(claimed.map(({ conversationId }) => conversationId)).toEqual(
      (await openFile().claimNotices(claim)).map(({ conversationId }) => conversationId),
    );
    expect(claimed.map((each) => each.kind)).toContain("answer.rated");
    const [, webhook] = await before.channelStates();
    expect(webhook).toMatchObject({ error: "It's\n\\N", waiting: claimed.length });
  });

  test("makes both answer the owner byte for byte alike: list, searches, threads, exports", async () => {
    await fillFile();
    const url = await newDatabase();
    expect(await move(url)).toEqual({ conversations: 9, messages: 33, interruptedTurns: 1 });

    const sqlite = openFile();
    expect(await sqlite.interruptUnfinishedTurns()).toBe(1);
    const stores = [sqlite, await openDatabase(url)];
    for (const store of stores) while (!(await store.fillMarks())) await Bun.sleep(0);
    const apps = stores.map((store) => createTestApp({ store }));
    const { conversations } = await sqlite.listConversations({ limit: 100 });
    const paths = [
      "?limit=100",
      "?limit=3",
      ...LIST_MARKS.map((mark) => `?mark=${mark}`),
      ...SEARCHES.map((words) => `?${new URLSearchParams({ q: words })}`),
      "/export",
      "/export?format=csv",
      ...conversations.map(({ id }) => `/${id}`),
    ];
    for (const path of paths) {
      const [ofSqlite, ofPostgres] = await Promise.all(
        apps.map(async (app) => (await askAsOwner(app, path)).text()),
      );
      expect(ofSqlite?.length).toBeGreaterThan(10);
      expect(ofPostgres === ofSqlite ? path : `${path}: ${ofPostgres}`).toBe(path);
    }
  });

  test("keeps what the bot knows, and finds it", async () => {
    await fillFile();
    await fillKnowledge();
    const url = await newDatabase();
    await move(url);
    const sqlite = openFile();
    await sqlite.interruptUnfinishedTurns();
    const { store: postgres } = await openPostgresStore(url, WITH_INDEX);
    opened.push(postgres);
    for (const store of [sqlite, postgres]) {
      expect(await foundTexts(store, "荷物 parcels")).toHaveLength(2);
    }
    const [document] = (await postgres.listDocuments({ limit: 1 })).documents;
    const id = document?.id ?? 0;
    expect(await postgres.listSources()).toEqual(await sqlite.listSources());
    expect(await postgres.listDocuments({ limit: 9 })).toEqual(
      await sqlite.listDocuments({ limit: 9 }),
    );
    expect([...(await postgres.sectionsOf(id))]).toEqual([...(await sqlite.sectionsOf(id))]);
    expect(await postgres.findOriginal(id)).toBe("**typed**");
    expect(await postgres.knowledgeSize()).toEqual(await sqlite.knowledgeSize());
    const texts = [{ text: "parcels", weight: 1, maxPostings: 100 }];
    expect(await postgres.searchKnowledge(texts)).toEqual(await sqlite.searchKnowledge(texts));
    expect([...(await postgres.listSettled())]).toEqual([
      { key: "key", at: NOON, isAnswered: true },
    ]);
    const unknownIn = async (store: Store) =>
      (await store.listUnanswered(9)).filter(({ reasons }) => reasons.includes("unknown"));
    expect(await unknownIn(sqlite)).toHaveLength(1);
    expect(await unknownIn(postgres)).toEqual(await unknownIn(sqlite));
    // What comes next gets numbers of its own.
    const next = await addSource(postgres, { uri: "https://next.example/" });
    await postgres.putDocument(newDocument({ sourceId: next.id, uri: "next" }));
    expect((await postgres.listDocuments({ limit: 9 })).total).toBe(4);
  });

  test("is refused where the bot knows something already, and leaves that as it is", async () => {
    await fillFile();
    const url = await newDatabase();
    const postgres = await openDatabase(url);
    const { id: sourceId } = await addSource(postgres);
    await postgres.putDocument(newDocument({ sourceId }));
    expect(await failureOf(move(url))).toContain("documents that the bot knows already (1)");
    expect((await postgres.listDocuments({ limit: 9 })).total).toBe(1);
  });

  test("keeps figures, logins, secrets and the turns of visitors who ask once more", async () => {
    await fillFile();
    const url = await newDatabase();
    await move(url);
    const [sqlite, postgres] = [openFile(), await openDatabase(url)];
    await sqlite.interruptUnfinishedTurns();
    const days = [NOON, NOON + 10 * DAY_MS] as const;
    const figures = await postgres.dailyFigures(...days);
    expect(figures).toHaveLength(6);
    expect(figures).toEqual([...(await sqlite.dailyFigures(...days))]);
    expect(await postgres.secret("session_token", () => "made anew")).toBe("kept");
    expect(await postgres.findOwnerSession("of the owner")).toEqual(
      await sqlite.findOwnerSession("of the owner"),
    );
    const turn = await postgres.findTurnByIdempotencyKey("stopped", "key-stopped");
    expect(turn).toMatchObject({ question: "Again?", answer: { status: "stopped" } });
  });

  test("keeps what the model has cost, and settles what was set aside when the server was killed", async () => {
    await fillFile();
    const url = await newDatabase();
    await move(url);
    const [sqlite, postgres] = [openFile(), await openDatabase(url)];
    await sqlite.interruptUnfinishedTurns();
    const days = [DAY, MONTH];
    expect(await postgres.spentIn(days)).toEqual([...(await sqlite.spentIn(days))]);
    expect(await postgres.spentIn([DAY])).toMatchObject([{ cost: 107, held: { cost: 100 } }]);
    for (const store of [sqlite, postgres]) {
      expect(await store.settleOrphans(DAY)).toBe(1);
      expect(await store.spentIn([DAY])).toMatchObject([{ cost: 207, held: ZERO }]);
      // Who has used what of his part is known, too.
      const limit = { parties: [{ key: "of a visitor", limit: 150 }] };
      expect(await store.reserve(reservation(limit))).toEqual({ by: "party", isForNow: false });
    }
  });

  test("keeps what the owner has set, with the keys, the versions and the audit list", async () => {
    await fillFile();
    const url = await newDatabase();
    await move(url);
    const ownerReads = async (store: Store) => ({
      settings: await store.readSettings(),
      audit: await store.listAudit(10),
      instructions: await store.listInstructions(),
      refused: await store.listRefusedOrigins(0),
    });
    const ofPostgres = await ownerReads(await openDatabase(url));
    expect(ofPostgres.settings).toMatchObject({ version: 2, keys: [{ revokedAt: NOON + 1 }] });
    expect(ofPostgres).toEqual(await ownerReads(openFile()));
  });

  test("lets conversations go on, with their history and with the next numbers", async () => {
    await fillFile();
    const url = await newDatabase();
    await move(url);
    const store = await openDatabase(url);
    const { history } = await begin(store, newTurn({ sessionId: "cut off", question: "And now?" }));
    expect(history).toMatchObject([
      { content: "When do you open?" },
      { content: "A draft \\ of" },
      { content: "And now?" },
    ]);
    const { conversationId } = await storeExchange(store, { sessionId: "new" });
    const [question, answer] = await store.listMessages(conversationId);
    expect([question?.id, answer?.id]).toEqual([36, 37]);
  });

  test("stores a NUL, which PostgreSQL cannot, as the replacement character", async () => {
    const sqlite = openSqliteStore(file);
    const { conversationId } = await storeExchange(sqlite, { answer: "before\0after" });
    await sqlite.close();
    const url = await newDatabase();
    await move(url);
    const [, answer] = await (await openDatabase(url)).listMessages(conversationId);
    expect(answer?.content).toBe("before\ufffdafter");
  });

  test("reports how far it is, table by table, and compares each one", async () => {
    await fillFile();
    const reports: ImportProgress[] = [];
    await move(await newDatabase(), { onProgress: (progress) => reports.push(progress) });
    const ofMessages = reports.filter(({ table }) => table === "messages");
    expect(new Set(ofMessages.map(({ doing }) => doing))).toEqual(
      new Set(["copying", "comparing"]),
    );
    expect(ofMessages.at(-1)).toEqual({
      doing: "comparing",
      table: "messages",
      rows: 33,
      ofRows: 33,
    });
  });
});

describe.skipIf(!hasPostgres)("an import that must not happen", () => {
  test("is refused where the database holds a conversation, which stays", async () => {
    await fillFile();
    const url = await newDatabase();
    await storeExchange(await openDatabase(url), { sessionId: "already there" });
    expect(await failureOf(move(url))).toMatch(
      /holds conversations already \(1\).*only an empty one/,
    );
    expect(await conversationsIn(url)).toBe(1);
  });

  test("is refused while a server uses the database, and not for one that has died", async () => {
    await fillFile();
    const [running, left] = await Promise.all([newDatabase(), newDatabase()]);
    const [sql, other] = [running, left].map((url) => new SQL(url, { max: 1 }));
    const enter =
      "INSERT INTO replicas (id, host, version, started_at) VALUES ('r', 'host', '1', 0)";
    await Promise.all([sql?.unsafe(enter), other?.unsafe(enter)]);
    const beat = () => void sql?.unsafe("UPDATE replicas SET beat = beat + 1").execute();
    const beating = setInterval(beat, 500);
    expect(await failureOf(move(running))).toContain("Servers use the database already (1)");
    clearInterval(beating);
    expect(await conversationsIn(running)).toBe(0);
    await Promise.all([sql?.close(), other?.close()]);
    expect(await move(left)).toMatchObject({ conversations: 9 });
  });

  test("replaces what a server has left in a database without conversations", async () => {
    await fillFile();
    const url = await newDatabase();
    const store = await openDatabase(url);
    await store.secret("session_token", () => "of a first try");
    await move(url);
    expect(await store.secret("session_token", () => "made anew")).toBe("kept");
  });
});

describe.skipIf(!hasPostgres)("an import that fails", () => {
  test("leaves the database empty when a stored row is not what was sent", async () => {
    await fillFile();
    const url = await newDatabase();
    const sql = new SQL(url, { max: 1 });
    await sql.unsafe(`
      CREATE FUNCTION changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.content := 'other'; RETURN NEW; END $$;
      CREATE TRIGGER changed BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.id = 7) EXECUTE FUNCTION changed()`);
    await sql.close();
    expect(await failureOf(move(url))).toContain("PostgreSQL holds other messages than were sent");
    expect(await conversationsIn(url)).toBe(0);
  });

  test("leaves the database empty when it is stopped, and can be run again", async () => {
    await fillFile();
    const url = await newDatabase();
    const stopping = new AbortController();
    const stopped = move(url, {
      signal: stopping.signal,
      onProgress: ({ table }) => table === "messages" && stopping.abort(),
    });
    expect(await failureOf(stopped)).toBe(stopping.signal.reason.message);
    expect(await conversationsIn(url)).toBe(0);
    expect(await move(url)).toMatchObject({ conversations: 9 });
  });

  test("says so when the connection is lost, and leaves the database empty", async () => {
    await fillFile();
    const server = await startPostgres();
    try {
      const url = await server.createDatabase();
      await migratePostgres(url);
      let halted: Promise<void> | undefined;
      const lost = move(url, {
        onProgress: () => (halted ??= server.stop("immediate")),
      });
      expect(await failureOf(lost)).toMatch(
        /PostgreSQL.*Nothing was moved\. Run chatporch migrate/,
      );
      await halted;
      await server.start();
      expect(await conversationsIn(url)).toBe(0);
    } finally {
      await server.stop();
    }
  });
});
