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

test("a database has one server at a time, and the next after it", () => {
  const release = lockDatabase(path);
  expect(() => lockDatabase(path)).toThrow(DatabaseInUseError);
  release();
  lockDatabase(path)();
});

test.each([undefined, 0o644, 0o666])(
  "nobody else can open the lock file, and so keep the server from starting: it was %p",
  (mode) => {
    const file = `${path}.lock`;
    mkdirSync(folder, { recursive: true });
    if (mode !== undefined) {
      writeFileSync(file, "");
      chmodSync(file, mode);
    }
    const release = lockDatabase(path);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    // To make it private, it is not opened and closed once more: that would let go of the lock.
    expect(() => lockDatabase(path)).toThrow(DatabaseInUseError);
    expect(() => lockDatabase(path)).toThrow(DatabaseInUseError);
    release();
  },
);

test("a database has one server whatever the name that leads to it, also before it is made", () => {
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

test("a link's way up begins where it lies, not where the name says", () => {
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

test("a name that leads in a circle is told", () => {
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
