import { afterEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DatabaseInUseError, lockDatabase } from "../../../src/store/sqlite/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "chatporch-lock-"));
const path = join(folder, "chat.db");
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a database has one server at a time, and another one after it has ended", () => {
  const release = lockDatabase(path);
  expect(() => lockDatabase(path)).toThrow(DatabaseInUseError);
  release();
  lockDatabase(path)();
});

test.each([undefined, 0o644, 0o666])(
  "other users cannot open the lock file to block the server, whatever its mode was: %p",
  (mode) => {
    const file = `${path}.lock`;
    mkdirSync(folder, { recursive: true });
    if (mode !== undefined) {
      writeFileSync(file, "");
      chmodSync(file, mode);
    }
    const release = lockDatabase(path);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // The file is made private without closing it again, because closing would release the lock.
    expect(() => lockDatabase(path)).toThrow(DatabaseInUseError);
    expect(() => lockDatabase(path)).toThrow(DatabaseInUseError);
    release();
  },
);

test("a database has one server whatever name leads to it, even before it is made", () => {
  const [link, chain, folderLink] = ["link.db", "chain.db", "other"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  mkdirSync(join(folder, "data"), { recursive: true });
  symlinkSync("data/chat.db", link);
  symlinkSync(link, chain);
  symlinkSync("data", folderLink);
  const real = join(folder, "data/chat.db");
  for (const prepare of [() => {}, () => writeFileSync(real, "")]) {
    prepare();
    const release = lockDatabase(chain);
    for (const name of [real, link, chain, join(folderLink, "chat.db")]) {
      expect(() => lockDatabase(name)).toThrow(DatabaseInUseError);
    }
    release();
  }
});

test("a relative link is resolved from the folder where it lies, not from the path in the name", () => {
  const release = join(folder, "release/app");
  mkdirSync(release, { recursive: true });
  mkdirSync(join(folder, "release/data"));
  symlinkSync("release/app", join(folder, "current"));
  symlinkSync("../data/chat.db", join(release, "chat.db"));
  const unlock = lockDatabase(join(folder, "current/chat.db"));
  expect(existsSync(join(folder, "data"))).toBe(false);
  expect(() => lockDatabase(join(folder, "release/data/chat.db"))).toThrow(DatabaseInUseError);
  unlock();
});

test("a link that leads in a circle is refused with an error that says so", () => {
  mkdirSync(folder, { recursive: true });
  symlinkSync("circle.db", join(folder, "circle.db"));
  expect(() => lockDatabase(join(folder, "circle.db"))).toThrow("leads in a circle");
});

test("a killed server leaves no lock behind", async () => {
  const program = `
    const { lockDatabase } = await import("${join(import.meta.dir, "../../../src/store/sqlite/lock.ts")}");
    lockDatabase(${JSON.stringify(path)});
    console.log("locked");
    await new Promise(() => setInterval(() => {}, 1000));`;
  const holder = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
  const { value } = await holder.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toContain("locked");
  expect(() => lockDatabase(path)).toThrow("Another chatporch is using");
  holder.kill("SIGKILL");
  await holder.exited;
  lockDatabase(path)();
});
