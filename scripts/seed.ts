import { Database } from "bun:sqlite";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

import { randomNumbers } from "../harness/random-numbers.ts";
import { migrate } from "../src/store/sqlite/migrate.ts";
import { MIGRATIONS } from "../src/store/sqlite/migrations.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";
import type { Store } from "../src/store/store.ts";

/**
 * Makes a database like one after years of use, for measurements and for trying things out.
 * Usage: bun scripts/seed.ts FILE [CONVERSATIONS] [MESSAGES]
 */
const [file, conversationsText = "100000", messagesText = "1000000"] = process.argv.slice(2);
const CONVERSATIONS = Number(conversationsText);
const TURNS = Math.floor(Number(messagesText) / 2);
const DAYS = 60;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Messages per transaction: large enough to be fast, small enough to show progress. */
const BATCH = 20_000;
/** The sources did not hold every so many answers, counted in messages. */
const UNANSWERED_EVERY = 160;

/** Words by falling frequency, as in a real text. The first word is in most messages. */
const WORDS =
  "the you a is to order my can for in it do and i when how ship please with not of your on this what we have be return days refund delivery account price invoice colour size store open card pay email password cancel change track late wrong broken gift code discount stock norway chile size2 warranty repair battery charger cable manual setup update version error support hours sunday monday holiday café größe déjà naïve".split(
    " ",
  );
/** Exactly five messages contain this word. */
const RARE_WORD = "zanzibar";

/** Every run makes the same database. */
const random = randomNumbers(20_261_123);

function sentence(): string {
  const length = 4 + Math.floor(random() * 24);
  const words = Array.from(
    { length },
    () => WORDS[Math.floor(random() ** 2.2 * WORDS.length)] ?? "the",
  );
  return `${words.join(" ")}.`;
}

function seed(db: Database): void {
  for (const pragma of ["synchronous = OFF", "cache_size = -400000", "journal_mode = WAL"]) {
    db.run(`PRAGMA ${pragma}`);
  }
  // The tables of the first version. Opening the database afterwards migrates it, like every update.
  migrate(db, MIGRATIONS.slice(0, 1));
  const begin = Date.now() - DAYS * DAY_MS;
  const timeOf = (turn: number) => begin + Math.floor((turn / TURNS) * (DAYS * DAY_MS - 60_000));

  insertConversations(db, begin);
  const isRare = new Set([0.1, 0.3, 0.5, 0.7, 0.9].map((part) => Math.floor(part * TURNS)));
  insertTurns(db, timeOf, isRare);
  db.run(
    `UPDATE conversations SET
       (created_at, updated_at, message_count, last_message) = (
         SELECT min(created_at), max(created_at), count(*), (
           SELECT substr(content, 1, 200) FROM messages
           WHERE conversation_seq = conversations.seq ORDER BY id DESC LIMIT 1
         ) FROM messages WHERE conversation_seq = conversations.seq
       )
     WHERE seq IN (SELECT conversation_seq FROM messages)`,
  );
  console.log("conversations summed up");
}

function insertConversations(db: Database, at: number): void {
  const insert = db.prepare(
    `INSERT INTO conversations (seq, id, session_id, created_at, updated_at, last_message, message_count)
     VALUES (?, 'c_' || ?, 'visitor-' || ?, ?, ?, '', 0)`,
  );
  db.transaction(() => {
    for (let seq = 1; seq <= CONVERSATIONS; seq++) {
      const id = seq.toString(36).padStart(22, "0");
      insert.run(seq, id, id, at, at);
    }
  })();
}

/** New conversations begin all the time. Half of the other turns continue any earlier conversation. */
function conversationOf(turn: number): number {
  const newest = Math.floor((turn * CONVERSATIONS) / TURNS);
  const isFirst = turn === 0 || Math.floor(((turn - 1) * CONVERSATIONS) / TURNS) < newest;
  return 1 + (isFirst || random() < 0.5 ? newest : Math.floor(random() * newest));
}

function insertTurns(db: Database, timeOf: (turn: number) => number, rare: Set<number>): void {
  const message = db.prepare(
    `INSERT INTO messages (id, conversation_seq, turn_id, question_id, role, content, status, model,
       finish_reason, error_code, prompt_tokens, completion_tokens, total_tokens, first_token_ms,
       duration_ms, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const batch = db.transaction((from: number, to: number) => {
    for (let turn = from; turn < to; turn++) {
      const id = turn * 2 + 1;
      const at = timeOf(turn);
      const seq = conversationOf(turn);
      const turnId = `t_${turn}`;
      const question = rare.has(turn) ? `${sentence()} ${RARE_WORD}` : sentence();
      const answer = sentence();
      const ending = random();
      const n = null;
      message.run(id, seq, turnId, n, "user", question, "complete", n, n, n, n, n, n, n, n, at);
      const firstTokenMs = 150 + Math.floor(random() ** 3 * 4000);
      const prompt = 200 + Math.floor(random() * 800);
      const completion = 20 + Math.floor(random() * 200);
      const status = ending < 0.01 ? "failed" : ending < 0.02 ? "stopped" : "complete";
      const ended =
        status === "failed"
          ? (["", status, "seed-model", n, "model_error", n, n, n, n, 900] as const)
          : ([
              answer,
              status,
              "seed-model",
              status === "stopped" ? n : "stop",
              n,
              prompt,
              completion,
              prompt + completion,
              firstTokenMs,
              firstTokenMs * 3,
            ] as const);
      message.run(id + 1, seq, turnId, id, "assistant", ...ended, at);
    }
  });
  const startedAt = performance.now();
  for (let from = 0; from < TURNS; from += BATCH / 2) {
    const to = Math.min(TURNS, from + BATCH / 2);
    batch(from, to);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    process.stdout.write(`\r${(to * 2).toLocaleString("en")} messages in ${seconds} s`);
  }
  process.stdout.write("\n");
}

/** The first version does not know how an answer was grounded. */
function markUnanswered(): void {
  const updated = new Database(file ?? "", { strict: true });
  updated
    .query<null, [number]>(
      "UPDATE messages SET grounding = 'none' WHERE role = 'assistant' AND id % ? = 0",
    )
    .run(UNANSWERED_EVERY);
  updated.close();
}

/** Does at once what a server does in the background after such an update: until then, a search finds too little. */
async function finish(store: Store): Promise<void> {
  while (!(await store.rebuildSearchIndex()).isDone);
  while (!(await store.fillMarks()));
}

if (file === undefined || file.startsWith("-") || !(CONVERSATIONS > 0) || !(TURNS > 0)) {
  console.error("Usage: bun scripts/seed.ts FILE [CONVERSATIONS] [MESSAGES]");
  process.exit(64);
}
if (existsSync(file)) {
  console.error(`${file} exists already. Name a new file.`);
  process.exit(1);
}
mkdirSync(dirname(file), { recursive: true });
const db = new Database(file, { create: true, strict: true });
seed(db);
db.close();
const startedAt = performance.now();
const store = openSqliteStore(file);
markUnanswered();
await finish(store);
await store.close();
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`updated to this version in ${seconds} s`);
