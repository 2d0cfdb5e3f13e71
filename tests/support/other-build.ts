import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../..");

/**
 * The program of another version of chatporch: a copy of the source in which texts are replaced. It is started as
 * harness/process.ts starts the source.
 * @param folder of the copy, which must not exist
 * @param changes by file, from `src/`: what is replaced by what
 * @throws when a file does not have the text
 */
export async function otherBuild(
  folder: string,
  changes: Readonly<Record<string, readonly [from: string, to: string]>>,
): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  for (const name of ["src", "package.json", "tsconfig.json"]) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [path, [from, to]] of Object.entries(changes)) {
    const file = Bun.file(join(folder, "src", path));
    const text = await file.text();
    if (!text.includes(from)) throw new Error(`${path} does not have ${from}`);
    await Bun.write(
      file,
      text.replace(from, () => to),
    );
  }
  return [process.execPath, join(folder, "src/main.ts")];
}
