import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { version } from "../package.json";
import { makeArchive, type SystemName, SYSTEMS } from "./release/archive.ts";
import { billOfMaterials } from "./release/bill-of-materials.ts";

/**
 * Makes everything that a release consists of in a new folder: an archive for each system, what is in it
 * (CycloneDX), the script that installs it, and checksums.txt.
 * Usage: bun scripts/release.ts [--only SYSTEM]… [--releases URL] [FOLDER]
 */
const { values, positionals } = parseArgs({
  options: {
    /** Only these systems, such as linux_arm64. */
    only: { type: "string", multiple: true },
    /** Where install.sh finds the newest release. */
    releases: { type: "string", default: "" },
  },
  allowPositionals: true,
});
const folder = resolve(positionals[0] ?? "dist/release");
const isSystem = (name: string): name is SystemName => Object.hasOwn(SYSTEMS, name);
const systems = (values.only ?? Object.keys(SYSTEMS)).filter(isSystem);
const unknown = values.only?.find((name) => !isSystem(name));

if (unknown !== undefined) {
  console.error(`There is no system ${unknown}. There are: ${Object.keys(SYSTEMS).join(", ")}.`);
  process.exit(64);
}
if (/[^\w:/.~-]/.test(values.releases)) {
  console.error("--releases takes an address of letters, digits and : / . ~ -");
  process.exit(64);
}
await makeRelease();

async function makeRelease(): Promise<void> {
  // Never one that exists: files of an earlier release would get into this one's checksums.
  mkdirSync(resolve(folder, ".."), { recursive: true });
  mkdirSync(folder);
  const workshop = mkdtempSync(join(tmpdir(), "chatporch-release-"));
  try {
    const at = commitTime();
    const names: string[] = [];
    for (const system of systems) {
      const startedAt = performance.now();
      const name = await makeArchive(system, { folder, workshop, at });
      const megabytes = Math.round(Bun.file(join(folder, name)).size / 1e6);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${name}: ${megabytes} MB, made in ${seconds} s`);
      names.push(name);
    }
    const bill = `chatporch_${version}_sbom.cdx.json`;
    writeFileSync(join(folder, bill), await billOfMaterials(at));
    const script = readFileSync("deploy/install.sh", "utf8");
    writeFileSync(
      join(folder, "install.sh"),
      script.replace(/^RELEASES=''$/m, `RELEASES='${values.releases}'`),
    );
    const lines = await Promise.all([...names, bill, "install.sh"].map(checksumLine));
    writeFileSync(join(folder, "checksums.txt"), lines.join(""));
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** A line as sha256sum writes it. */
async function checksumLine(name: string): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const bytes of Bun.file(join(folder, name)).stream()) hasher.update(bytes);
  return `${hasher.digest("hex")}  ${name}\n`;
}

/** Seconds since the epoch. */
function commitTime(): number {
  const { stdout } = Bun.spawnSync(["git", "log", "-1", "--format=%ct"]);
  return Number(stdout.toString()) || Math.floor(Date.now() / 1000);
}
