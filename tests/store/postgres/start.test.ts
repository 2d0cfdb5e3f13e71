import { expect, test } from "bun:test";

import { freePort } from "../../../harness/free-port.ts";
import { UnusableSettingError } from "../../../src/config/problems.ts";
import { startPostgresStore } from "../../../src/store/postgres/start.ts";

test("a start gives up a database that is not there after some seconds, with one sentence", async () => {
  const port = freePort();
  const reasons: unknown[] = [];
  const starting = startPostgresStore({
    url: `postgres://somebody:s3cret@127.0.0.1:${port}/chat`,
    connections: 8,
    log: { warn: (event, fields) => void reasons.push([event, fields?.reason]) },
    patienceMs: 1200,
  });
  const error: unknown = await starting.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnusableSettingError);
  expect(error).toHaveProperty(
    "message",
    `the database at 127.0.0.1:${port}/chat cannot be reached: nothing listens there. Start it, or correct the host and the port in DATABASE_URL.`,
  );
  // It was tried several times, and said once.
  expect(reasons).toEqual([
    ["waiting for the database", "cannot be reached: nothing listens there"],
  ]);
});
