import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from "bun:test";

import { SQL } from "bun";

import { hasPgBouncer, startPgBouncer } from "../../../harness/pgbouncer.ts";
import { hasPostgres, type PostgresServer, sharedPostgres } from "../../../harness/postgres.ts";
import { cleanUp } from "../../../harness/process.ts";
import { migratePostgres } from "../../../src/store/postgres/migrate.ts";
import { probePostgres } from "../../../src/store/postgres/probe.ts";
import type { ServerFindingId } from "../../../src/store/server-report.ts";

setDefaultTimeout(30_000);

/** What a start looks for before it uses a PostgreSQL database. */

let server: PostgresServer;
let url: string;

beforeAll(async () => {
  if (!hasPostgres) return;
  server = await sharedPostgres();
  url = await server.createDatabase();
});
afterEach(cleanUp);

type Parts = Partial<
  Record<"username" | "password" | "hostname" | "port" | "pathname" | "search", string>
>;

const probe = (address: string, connections = 8) => probePostgres(address, { connections });

function changed(parts: Parts): string {
  return Object.assign(new URL(url), parts).href;
}

async function administer(...statements: readonly string[]): Promise<void> {
  const sql = new SQL(server.asSuperuser(url), { max: 1 });
  for (const statement of statements) await sql.unsafe(statement);
  await sql.close();
}

async function expectFault(address: string, id: ServerFindingId, says: string): Promise<void> {
  const { fault } = await probe(address);
  expect(fault?.id).toBe(id);
  expect(fault?.says).toContain(says);
  expect(JSON.stringify(fault)).not.toMatch(/127\.0\.0\.1|test_\d|s3cret/);
}

describe.skipIf(!hasPostgres)("a PostgreSQL database", () => {
  test("that is as it should be has no fault", async () => {
    const report = await probe(url);
    expect(report).toMatchObject({ fault: undefined, warnings: [] });
    expect(report.facts).toMatchObject({
      version: expect.stringMatching(/^\d\d/),
      connections: { own: 12, most: expect.any(Number), free: expect.any(Number) },
    });
  });

  test("can be reached through a unix socket", async () => {
    const name = new URL(url).pathname;
    const address = `postgres://chatporch@${encodeURIComponent(server.socketFolder)}:${server.port}${name}`;
    expect((await probe(address)).fault).toBeUndefined();
  });

  test.each([
    ["wrong password", { password: "s3cret" }, "refused-login", "password"],
    ["unknown user", { username: "s3cret" }, "refused-login", "user"],
    ["unknown database", { pathname: "/nowhere" }, "no-database", "does not exist"],
    ["closed port", { port: "1" }, "unreachable", "nothing listens there"],
    ["unknown host", { hostname: "nowhere.invalid" }, "unreachable", "its name"],
    ["TLS that is off", { search: "?sslmode=require" }, "no-tls", "has no TLS"],
    [
      "channel binding without TLS",
      { search: "?channel_binding=require" },
      "no-tls",
      "channel_binding",
    ],
    [
      "parameter for another program",
      { search: "?pgbouncer=true" },
      "unknown-parameter",
      "parameter",
    ],
    [
      "certificate's file that is missing",
      { search: "?sslmode=verify-full&sslrootcert=/nowhere.pem" },
      "untrusted-certificate",
      "cannot be read",
    ],
  ] as const)(
    "whose address has an error (%s) is refused with the reason",
    async (_, parts, id, says) => {
      await expectFault(changed(parts), id, says);
    },
  );

  test("in which this user may not make tables is refused", async () => {
    const address = await server.createDatabase();
    const { pathname } = new URL(address);
    await administer(`ALTER DATABASE ${pathname.slice(1)} OWNER TO postgres`);
    await expectFault(address, "no-rights", "make tables");
  });

  test.each([
    ["messages", "id integer"],
    ["schema", "name text"],
  ])("that holds another program's table %s is refused", async (name, columns) => {
    const address = await server.createDatabase();
    const sql = new SQL(address, { max: 1 });
    await sql.unsafe(`CREATE TABLE ${name} (${columns})`);
    await sql.close();
    await expectFault(address, "other-tables", "of another program");
  });

  test("that holds chatporch's own tables has no fault", async () => {
    const address = await server.createDatabase();
    await migratePostgres(address);
    expect((await probe(address)).fault).toBeUndefined();
  });

  test("with another encoding than UTF-8 is refused", async () => {
    await administer(
      "CREATE DATABASE latin OWNER chatporch ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0",
    );
    await expectFault(changed({ pathname: "/latin" }), "encoding", "LATIN1");
  });

  test("that takes no writes is refused", async () => {
    const address = await server.createDatabase();
    const name = new URL(address).pathname.slice(1);
    await administer(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await expectFault(address, "read-only", "takes no writes");
  });

  test.each([
    ["an old server", "current_setting(text)", "text", "'140011'", "too-old", "15 or newer"],
    ["a standby", "pg_is_in_recovery()", "bool", "true", "standby", "only reads"],
  ] as const)("on %s is refused", async (_, name, type, value, id, says) => {
    const address = await server.createDatabase();
    const database = new URL(address).pathname.slice(1);
    const sql = new SQL(address, { max: 1 });
    // The server itself is neither: a function of the same name comes first.
    await sql.unsafe("CREATE SCHEMA pretended");
    await sql.unsafe(
      `CREATE FUNCTION pretended.${name} RETURNS ${type} LANGUAGE sql AS $$ SELECT ${value}::${type} $$`,
    );
    await sql.close();
    await administer(`ALTER DATABASE ${database} SET search_path = pretended, pg_catalog, public`);
    await expectFault(address, id, says);
  });

  describe("that gives a user ten connections", () => {
    /** A new one each time: what a probe has closed may be counted for a moment. */
    async function limited(): Promise<string> {
      const address = await server.createDatabase();
      await administer(`ALTER DATABASE ${new URL(address).pathname.slice(1)} CONNECTION LIMIT 10`);
      return address;
    }

    test("is refused by a server that needs more", async () => {
      await expectFault(await limited(), "few-connections", "10 connections");
    });

    test("is fine for a server that needs ten", async () => {
      expect(await probe(await limited(), 6)).toMatchObject({ fault: undefined, warnings: [] });
    });

    test("is a warning for a server that needs ten while others use one", async () => {
      const address = await limited();
      const other = new SQL(address, { max: 1 });
      await other`SELECT 1`;
      const { fault, warnings } = await probe(address, 6);
      await other.close();
      expect(fault).toBeUndefined();
      expect(warnings.map(({ says }) => says)).toEqual([expect.stringContaining("9 free")]);
    });
  });
});

describe.skipIf(!hasPostgres)("a server that does not answer", () => {
  let silent: Bun.TCPSocketListener;
  beforeAll(() => {
    silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  });
  afterAll(() => silent.stop(true));

  test("is found out within seconds", async () => {
    const startedAt = performance.now();
    await expectFault(changed({ port: `${silent.port}` }), "unreachable", "does not answer");
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });
});

describe.skipIf(!hasPostgres || !hasPgBouncer)("a pooler in front of the database", () => {
  test("that runs one client's statement for another is found every time", async () => {
    const pooler = await startPgBouncer(await server.createDatabase(), "transaction");
    for (let i = 0; i < 5; i++) await expectFault(pooler.url, "pooler", "for another");
    expect((await probe(`${pooler.url}?prepare=false`)).fault).toBeUndefined();
  });

  test("that lends connections for whole sessions is fine", async () => {
    const pooler = await startPgBouncer(await server.createDatabase(), "session");
    for (let i = 0; i < 5; i++) expect((await probe(pooler.url)).fault).toBeUndefined();
  });
});
