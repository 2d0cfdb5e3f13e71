import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";

import { cleanUp, temporaryFolder } from "../../harness/process.ts";
import { version } from "../../package.json";
import { makeArchive } from "../../scripts/release/archive.ts";
import { billOfMaterials } from "../../scripts/release/bill-of-materials.ts";
import { widgetFiles } from "../../src/assets/widget-files.ts";

/** Seconds since the epoch. */
const AT = 1_800_000_000;
/** Where an ELF file names its machine, and the number of arm64. */
const ELF_MACHINE_OFFSET = 18;
const ELF_ARM64 = 183;

/** Some text of an asset that no bundler writes in another way. */
const phraseOf = (text: string) => /[\w !?:#-]{18,}/.exec(text)?.[0] ?? "";

afterEach(cleanUp);

function tar(...args: readonly string[]): Buffer {
  return Bun.spawnSync(["tar", ...args], { maxBuffer: 2 ** 28 }).stdout;
}

describe("a release", () => {
  test("has an archive for arm64 with a binary for it, the widget and dashboard inside, and the files of deploy/", async () => {
    const folder = temporaryFolder();
    const name = await makeArchive("linux_arm64", { folder, workshop: temporaryFolder(), at: AT });
    expect(name).toBe(`chatporch_${version}_linux_arm64.tar.gz`);

    const inside = `chatporch_${version}_linux_arm64`;
    const lines = tar("--list", "--verbose", "--utc", "--full-time", "--file", join(folder, name));
    const files = lines.toString().trim().split("\n");
    const isThere = (mode: string, file: string) =>
      files.some((line) => line.startsWith(mode) && line.endsWith(` ${inside}/${file}`));
    expect(isThere("-rwxr-xr-x", "chatporch")).toBe(true);
    for (const file of ["LICENSE", ".env.example", "deploy/chatporch.service"]) {
      expect([file, isThere("-rw-r--r--", file)]).toEqual([file, true]);
    }
    // The same commit gives the same archive, whoever makes it and when.
    expect(files.filter((line) => !line.includes(" 0/0 "))).toEqual([]);
    expect(files.filter((line) => !line.includes(" 2027-01-15 08:00:00 "))).toEqual([]);

    const binary = tar(
      "--extract",
      "--to-stdout",
      "--file",
      join(folder, name),
      `${inside}/chatporch`,
    );
    expect(binary.toString("latin1", 1, 4)).toBe("ELF");
    expect(binary.readUInt16LE(ELF_MACHINE_OFFSET)).toBe(ELF_ARM64);
    const styles = await Bun.file("src/dashboard/styles/base.css").text();
    for (const asset of [widgetFiles.loader.source, styles])
      expect(binary.includes(phraseOf(asset))).toBe(true);
  });

  test("says which packages are in the binary, and names none of those that only tests need", async () => {
    const bill: { components: { name: string; version: string }[] } = JSON.parse(
      await billOfMaterials(AT),
    );
    const names = bill.components.map((component) => component.name);
    expect(names).toEqual(expect.arrayContaining(["bun", "elysia", "openai"]));
    expect(names).not.toContain("fast-check");
    expect(names).not.toContain("typescript");
    expect(bill.components.every((component) => /^\d+\.\d+/.test(component.version))).toBe(true);
  });
});
