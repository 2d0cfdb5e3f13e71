import { afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { SQL } from "bun";

import {
  ask,
  KEYS,
  readAdmin,
  readThread,
  stopAnswer,
  turnIdOf,
} from "../../harness/chat-requests.ts";
import { freePort } from "../../harness/free-port.ts";
import { answer, type ModelServer, startModelServer } from "../../harness/model-server.ts";
import { hasPgBouncer, startPgBouncer } from "../../harness/pgbouncer.ts";
import {
  hasPostgres,
  type PostgresServer,
  sharedPostgres,
  startPostgres,
} from "../../harness/postgres.ts";
import { cleanUp, runChatporch, type Settings, startChatporch } from "../../harness/process.ts";
import { hasRedis, startRedis } from "../../harness/redis.ts";
import { startStopwatch } from "../../harness/stopwatch.ts";
import { followBody, parseSse } from "../../harness/streams.ts";

setDefaultTimeout(60_000);

/** A server with DATABASE_URL: how it starts, and why it does not. */

let postgres: PostgresServer;
let model: ModelServer | undefined;

beforeAll(async () => {
  if (hasPostgres) postgres = await sharedPostgres();
});
afterEach(async () => {
  await cleanUp();
  await model?.stop();
  model = undefined;
});

async function superuser(...statements: readonly string[]): Promise<void> {
  const sql = new SQL(postgres.asSuperuser(await postgres.createDatabase()), { max: 1 });
  for (const statement of statements) await sql.unsafe(statement);
  await sql.close();
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

/** An ErrorResponse of PostgreSQL's protocol. */
function refusal(state: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${state}\0M${message}\0\0`);
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

function start(url: string, settings: Settings = {}) {
  model ??= startModelServer(answer("Hello there"));
  return startChatporch({ ...KEYS, OPENAI_BASE_URL: model.url, DATABASE_URL: url, ...settings });
}

describe.skipIf(!hasPostgres)("a server with DATABASE_URL", () => {
  test("keeps its conversations and its secrets in PostgreSQL, and shows no password", async () => {
    const url = await postgres.createDatabase();
    const own = { WIDGET_API_KEY: undefined };
    const server = await start(url, own);
    const [, key = ""] = await server.stderr.until(/widget key (\S+)\n/);
    const asked = await ask(server.url, "Hi", { headers: { "x-api-key": key } });
    expect(parseSse(await asked.text()).at(-1)?.data).toMatchObject({ message: "Hello there" });
    expect(await server.stop()).toBe(0);

    const again = await start(url, own);
    expect(again.stderr.text()).toContain(`widget key ${key}`);
    expect((await readThread(again.url)).map(({ content }) => content)).toEqual([
      "Hi",
      "Hello there",
    ]);
    expect(again.stderr.text()).toContain(`database   PostgreSQL at 127.0.0.1:${postgres.port}/`);
    expect(await again.stop()).toBe(0);
    const printed = server.stderr.text() + server.stdout.text();
    expect(printed).not.toContain("chatporch:chatporch");
  });

  test("waits for a PostgreSQL that starts at the same time, and says so", async () => {
    const late = await startPostgres();
    const url = await late.createDatabase();
    await late.stop("fast");
    // Who comes too early gets what PostgreSQL answers while it starts. Only then does it start.
    const early = Promise.withResolvers<void>();
    const socket = {
      data(connection: Bun.Socket) {
        connection.end(refusal("57P03", "the database system is starting up"));
        early.resolve();
      },
    };
    const gate = Bun.listen({ hostname: "127.0.0.1", port: late.port, socket });
    const starting = start(url);
    await early.promise;
    gate.stop(true);
    await late.start();
    const server = await starting;
    expect(server.stdout.text()).toContain("waiting for the database");
    expect((await ask(server.url, "Hi")).status).toBe(200);
    expect(await server.stop()).toBe(0);
    await late.stop();
  });
});

test.skipIf(!hasPostgres)(
  "while PostgreSQL is silent, all is 503 in time, and the log says so once",
  async () => {
    const silent = await startPostgres();
    const server = await start(await silent.createDatabase());
    // The server is up to its work.
    await (await ask(server.url, "Hi", { sessionId: "visitor-0" })).text();
    silent.freeze();
    const stopwatch = startStopwatch(server.pid);
    const refused = await ask(server.url, "Hi");
    expect(stopwatch()).toBeLessThan(3500);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(await refused.json()).toMatchObject({ code: "store_unavailable" });
    expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    await server.stdout.until(/the database does not answer/);
    await Promise.all(Array.from({ length: 9 }, (_, i) => ask(server.url, `Hi ${i}`)));

    silent.thaw();
    await server.stdout.until(/the database answers again/);
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
    expect((await ask(server.url, "Hi again", { sessionId: "visitor-2" })).status).toBe(200);
    expect(await server.stop()).toBe(0);
    const outages = server.stdout.text().match(/ERROR .*/g) ?? [];
    expect(outages.filter((line) => line.includes("the database does not answer"))).toHaveLength(1);
    expect(outages.filter((line) => line.includes("requests are refused"))).toHaveLength(1);
    expect(outages).toHaveLength(2);
    await silent.stop();
  },
);

interface Refusal {
  readonly why: string;
  readonly says: string;
  /** Prepares a database that cannot be used and returns its URL. */
  readonly prepare: () => Promise<string>;
  readonly settings?: Settings;
}

const REFUSALS: readonly Refusal[] = [
  {
    why: "the password is wrong",
    says: "refuses the user or the password",
    prepare: async () =>
      (await postgres.createDatabase()).replace(":chatporch@", ":not-the-password@"),
  },
  {
    why: "there is no such database",
    says: "does not exist on that server",
    prepare: async () => `${await postgres.createDatabase()}_missing`,
  },
  {
    why: "it may not make tables",
    says: "does not let this user make tables",
    async prepare() {
      const url = await postgres.createDatabase();
      await superuser(`ALTER DATABASE ${nameOf(url)} OWNER TO postgres`);
      return url;
    },
  },
  {
    why: "there are too few connections",
    says: "has 10 connections for this user at most, but 12 are needed",
    async prepare() {
      const url = await postgres.createDatabase();
      await superuser(`ALTER DATABASE ${nameOf(url)} CONNECTION LIMIT 10`);
      return url;
    },
  },
  {
    why: "a newer version has changed the tables",
    says: "The database has schema 9000",
    async prepare() {
      const url = await postgres.createDatabase();
      const sql = new SQL(url, { max: 1 });
      await sql`CREATE TABLE schema (version integer NOT NULL, usable_from integer NOT NULL)`;
      await sql`INSERT INTO schema VALUES (9000, 9000)`;
      await sql.close();
      return url;
    },
  },
];

describe.skipIf(!hasPostgres)("a start with DATABASE_URL", () => {
  test.each(REFUSALS.map((refusal) => [refusal.why, refusal] as const))(
    "ends with one sentence and exit code 78 when %s",
    async (_why, { says, prepare, settings }) => {
      const url = await prepare();
      const { exitCode, stdout, stderr } = await runChatporch([], {
        ...KEYS,
        PORT: "0",
        DATABASE_URL: url,
        ...settings,
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: "" });
      expect(stderr).toStartWith("chatporch: ");
      expect(stderr).toContain(says);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect(stderr).not.toMatch(/chatporch:chatporch|not-the-password/);
    },
  );
});

describe.skipIf(!hasPostgres || !hasPgBouncer)(
  "behind PgBouncer in transaction mode, a server",
  () => {
    test("refuses to start, because the pooler swaps statements", async () => {
      const pooler = await startPgBouncer(await postgres.createDatabase(), "transaction");
      const settings = { ...KEYS, PORT: "0", DATABASE_URL: pooler.url };
      const { exitCode, stderr } = await runChatporch([], settings);
      expect(exitCode).toBe(78);
      expect(stderr).toContain("?prepare=false");
    });

    test("does all that belongs to a turn with ?prepare=false", async () => {
      const pooler = await startPgBouncer(await postgres.createDatabase(), "transaction");
      const url = `${pooler.url}?prepare=false`;
      const [one, other] = await Promise.all([start(url), start(url)]);
      const asked = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          ask((i % 2 ? one : other).url, `Question ${i}`, { sessionId: `visitor-${i}` }),
        ),
      );
      for (const response of asked) {
        expect(parseSse(await response.text()).at(-1)?.data).toMatchObject({ type: "done" });
      }
      for (const i of [0, 39]) {
        expect(await readThread(other.url, `visitor-${i}`)).toMatchObject([
          { content: `Question ${i}` },
          { content: "Hello there", status: "complete" },
        ]);
      }
      expect(await readAdmin(one.url, "?q=Question")).toMatchObject({ total: 40 });

      if (model) model.script = (call) => call.token("Once upon ");
      const slow = followBody(await ask(one.url, "Tell me a story"));
      const turnId = turnIdOf(await slow.until("Once upon"));
      expect(await (await stopAnswer(other.url, turnId)).json()).toMatchObject({
        message: "Once upon",
        finishReason: "stopped",
      });
      expect(await one.stop()).toBe(0);
      expect(await other.stop()).toBe(0);
    });
  },
);

describe.skipIf(!hasPostgres || !hasRedis)("a server with REDIS_URL", () => {
  test("starts without Redis, says so, and uses it once it is there", async () => {
    const port = freePort();
    const server = await start(await postgres.createDatabase(), {
      REDIS_URL: `redis://:s3cret@127.0.0.1:${port}`,
    });
    expect(server.stderr.text()).toContain(`redis      127.0.0.1:${port}`);
    await server.stdout.until(/Redis is away/);
    expect((await ask(server.url, "Hi")).status).toBe(200);
    await startRedis({ port, settings: ["--requirepass", "s3cret"] });
    await server.stdout.until(/Redis is back/);
    expect(await server.stop()).toBe(0);
    expect(server.stdout.text() + server.stderr.text()).not.toContain("s3cret");
  });
});
