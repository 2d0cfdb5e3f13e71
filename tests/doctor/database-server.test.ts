import { expect, test } from "bun:test";

import { judgeDatabaseServer } from "../../src/doctor/database-server.ts";
import type { SchemaState } from "../../src/store/database-server-state.ts";
import type { ServerReport } from "../../src/store/server-report.ts";

const REPORT: ServerReport = {
  fault: undefined,
  warnings: [],
  facts: {
    version: "15.18",
    connections: { most: 97, free: 75, own: 11 },
    clockAheadMs: 0,
  },
};

const SCHEMA = { version: 1, known: 1, isUsable: true };

function findingsOf(
  sizeBytes: number,
  replicaCount: number,
  report: ServerReport = REPORT,
  schema: SchemaState | undefined = SCHEMA,
) {
  const replica = { host: "a", version: "1.0.0", startedAt: 0, beat: 1, isBeating: true };
  const replicas = Array.from({ length: replicaCount }, (_, i) => ({ ...replica, id: `a.${i}` }));
  const state = { sizeBytes, schema, replicas };
  const url = "postgres://user:its-password@db/chat";
  return judgeDatabaseServer({ url, maxBytes: 10_000_000, report, state });
}

test("the doctor names version, place and size of a PostgreSQL database that is well", () => {
  expect(findingsOf(1_500_000, 3)).toEqual([
    { mark: "ok", subject: "database", says: "PostgreSQL 15.18 at db:5432/chat, schema 1, 1.5 MB" },
  ]);
});

test.each([
  [8_500_000, "warning", "85 %"],
  [10_000_000, "wrong", "new questions are refused"],
] as const)(
  "a PostgreSQL database of %d of 10,000,000 bytes is a finding: %s",
  (bytes, mark, says) => {
    expect(findingsOf(bytes, 1).at(-1)).toMatchObject({
      mark,
      says: expect.stringContaining(says),
    });
  },
);

test("the doctor warns of more replicas than the database has connections for", () => {
  expect(findingsOf(0, 8)).toHaveLength(1);
  expect(findingsOf(0, 9).at(-1)).toMatchObject({
    mark: "warning",
    says: "9 replicas may need 11 connections each, and the server gives this user 97 in all",
  });
});

test("the doctor names a schema that this version cannot work with, and one that it brings up to date", () => {
  const newer = { version: 9, known: 7, isUsable: false };
  expect(findingsOf(0, 1, REPORT, newer)).toMatchObject([
    { mark: "wrong", says: "schema 9 is newer than this version, which supports up to 7" },
  ]);
  const older = { version: 6, known: 7, isUsable: true };
  const [finding] = findingsOf(0, 1, REPORT, older);
  expect(finding?.says).toContain("schema 6; the next start upgrades it to 7");
});

test("connections that running replicas use are not held against them", () => {
  const few = { id: "few-connections", says: "has few", mend: "Raise them." } as const;
  const report = { ...REPORT, warnings: [few] };
  expect(findingsOf(0, 3, report)).toHaveLength(1);
  expect(findingsOf(0, 0, report)).toHaveLength(2);
});

test("a database that cannot be used is one finding, which says what to do", () => {
  const fault = {
    id: "standby",
    says: "is a standby, which only reads",
    mend: "Take the primary.",
  } as const;
  expect(findingsOf(0, 0, { fault, warnings: [], facts: undefined })).toEqual([
    {
      mark: "wrong",
      subject: "database",
      says: "the one at db:5432/chat is a standby, which only reads",
      mend: "Take the primary.",
    },
  ]);
});
