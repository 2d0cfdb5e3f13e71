import { chmodSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { version } from "../../package.json";
import { compileBinary, type Target } from "../binary.ts";

/** The systems that a release is made for, by the names that archives have. */
export const SYSTEMS = {
  linux_x64: "bun-linux-x64",
  linux_arm64: "bun-linux-arm64",
  darwin_x64: "bun-darwin-x64",
  darwin_arm64: "bun-darwin-arm64",
  windows_x64: "bun-windows-x64",
} as const satisfies Record<string, Target>;

export type SystemName = keyof typeof SYSTEMS;

/** What stands beside the binary. */
const BESIDE = ["LICENSE", "CHANGELOG.md", ".env.example", "deploy"];

interface ArchiveOptions {
  /** Where the archive is written. */
  readonly folder: string;
  /** An empty folder for the files on their way. */
  readonly workshop: string;
  /** Seconds since the epoch: the time of all files in it. The same commit gives the same archive. */
  readonly at: number;
}

/**
 * Compiles chatporch for a system and packs it: `chatporch_<version>_<system>.tar.gz`. Needs GNU tar.
 * Resolves with the name of the file.
 * @throws an error that says what failed
 */
export async function makeArchive(system: SystemName, options: ArchiveOptions): Promise<string> {
  const { folder, workshop, at } = options;
  const name = `chatporch_${version}_${system}`;
  const inside = join(workshop, name);
  mkdirSync(inside);
  const binary = join(inside, system.startsWith("windows") ? "chatporch.exe" : "chatporch");
  const problems = await compileBinary(binary, SYSTEMS[system]);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  chmodSync(binary, 0o755);
  for (const path of BESIDE) cpSync(path, join(inside, path), { recursive: true });

  const tarball = join(folder, `${name}.tar.gz`);
  const reproducible =
    `--sort=name --owner=0 --group=0 --numeric-owner --mode=u+w,go-w,a+rX --mtime=@${at}`.split(
      " ",
    );
  const compressed = ["--use-compress-program", "gzip --no-name"];
  const content = ["--directory", workshop, name];
  await run(["tar", "--create", "--file", tarball, ...compressed, ...reproducible, ...content]);
  return `${name}.tar.gz`;
}

async function run(command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${said}`);
}
