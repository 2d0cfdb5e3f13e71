import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { completeDotEnv, findDotEnv } from "../../src/init/dot-env-file.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chatporch-init-"));
  file = join(folder, ".env");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

describe("the file .env that init writes", () => {
  test("is readable for its owner only, and the only file that is left", () => {
    completeDotEnv(folder, findDotEnv(folder), "A=1\n");
    expect(readFileSync(file, "utf8")).toBe("A=1\n");
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(folder)).toEqual([".env"]);
  });

  test("has every byte that was there, and is private from then on", () => {
    const before = Buffer.from("\uFEFF# meine Schlüssel\r\nA=1");
    writeFileSync(file, before, { mode: 0o644 });
    const found = findDotEnv(folder);
    expect(found?.isPrivate).toBe(false);
    completeDotEnv(folder, found, "\r\nB=2\r\n");
    expect(readFileSync(file)).toEqual(Buffer.concat([before, Buffer.from("\r\nB=2\r\n")]));
    expect(modeOf(file)).toBe(0o600);
  });

  test("is left alone when somebody changed it meanwhile", () => {
    writeFileSync(file, "A=1\n");
    const found = findDotEnv(folder);
    writeFileSync(file, "A=2\n");
    expect(() => completeDotEnv(folder, found, "B=1\n")).toThrow(".env was changed meanwhile.");
    expect(readFileSync(file, "utf8")).toBe("A=2\n");
    expect(readdirSync(folder)).toEqual([".env"]);
  });

  test("is not written where another one has appeared meanwhile", () => {
    const found = findDotEnv(folder);
    writeFileSync(file, "A=2\n");
    expect(() => completeDotEnv(folder, found, "B=1\n")).toThrow(".env was changed meanwhile.");
    expect(readdirSync(folder)).toEqual([".env"]);
  });
});

const UNUSABLE: readonly (readonly [what: string, make: () => void, says: string])[] = [
  ["a link", () => symlinkSync("/etc/hostname", file), ".env is a link to another file"],
  ["a link to nothing", () => symlinkSync("nowhere", file), ".env is a link to another file"],
  ["a folder", () => mkdirSync(file), ".env is a folder"],
  ["a named pipe", () => void Bun.spawnSync(["mkfifo", file]), ".env is not a file"],
  [
    "a file with a second name",
    () => {
      writeFileSync(file, "A=1\n");
      linkSync(file, join(folder, "other"));
    },
    ".env has a second name",
  ],
  ["UTF-16", () => writeFileSync(file, "\uFEFFA=1\n", "utf16le"), "Save it as UTF-8."],
  ["no text", () => writeFileSync(file, new Uint8Array([0x41, 0x3d, 0xff])), ".env cannot be read"],
];

test.each(UNUSABLE)("a .env that is %s is refused before anything is asked", (_, make, says) => {
  make();
  expect(() => findDotEnv(folder)).toThrow(says);
});

test.skipIf(process.geteuid?.() !== 0)("a .env of another user is refused, by root too", () => {
  writeFileSync(file, "A=1\n");
  chownSync(file, 12345, 12345);
  expect(() => findDotEnv(folder)).toThrow(".env belongs to uid 12345");
});
