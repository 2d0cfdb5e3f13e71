import { describe, expect, test } from "bun:test";

import { dumpCommand, restoreCommand } from "../../src/commands/postgres-tools.ts";

const URL_WITH_PASSWORD = "postgres://chat:se%40cret@db.example:5433/porch";

describe("the command that copies a PostgreSQL database", () => {
  test("names the file, the user and the database, and not the password", () => {
    expect(dumpCommand(URL_WITH_PASSWORD, "copy.dump")).toBe(
      "pg_dump --format=custom --file=copy.dump postgres://chat@db.example:5433/porch",
    );
    expect(restoreCommand(URL_WITH_PASSWORD, "copy.dump")).toBe(
      "pg_restore --clean --if-exists --no-owner --single-transaction " +
        "--dbname=postgres://chat@db.example:5433/porch copy.dump",
    );
  });

  test("leaves out what only chatporch understands of the address, and keeps how the connection is protected", () => {
    const url = `${URL_WITH_PASSWORD}?prepare=false&sslmode=verify-full`;
    expect(dumpCommand(url, "copy.dump")).toEndWith(
      " 'postgres://chat@db.example:5433/porch?sslmode=verify-full'",
    );
  });

  test("quotes a file's name that a shell would take apart", () => {
    expect(dumpCommand(URL_WITH_PASSWORD, "Ann's copy")).toContain(
      String.raw`--file='Ann'\''s copy'`,
    );
    expect(dumpCommand(URL_WITH_PASSWORD, "$(reboot)")).toContain("--file='$(reboot)'");
  });
});
