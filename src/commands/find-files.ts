import { lstat, readdir, stat } from "node:fs/promises";
import { basename, isAbsolute, normalize, resolve, sep } from "node:path";

import type { NamedFile } from "../knowledge/read-files.ts";
import type { FileReading } from "../readers/file-reading.ts";
import { isReadable, readFile } from "../readers/readers.ts";

/** What is at a path. The name of the source is what the owner typed, so that it is the same on every machine. */
export interface FoundFiles {
  readonly uri: string;
  /** Files with a reader, in the order of their names. */
  readonly files: readonly NamedFile[];
}

/** A larger file is no text for visitors. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 20_000;
const MAX_DEPTH = 32;

/**
 * Finds the files at a path: one file, or those of a folder and the folders in it. Hidden ones, node_modules and links
 * are left out.
 * @param name what they are known by, in place of the path
 * @throws an error with a sentence for the owner
 */
export async function findFiles(path: string, name: string | undefined): Promise<FoundFiles> {
  const uri = name ?? nameOfPath(path);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new Error(`There is no file or folder ${path}. A website begins with https://.`);
  }
  if (!found.isDirectory()) return { uri, files: [fileAt(path, uri)] };
  const files: NamedFile[] = [];
  await collect(path, uri, 0, files);
  if (files.length === 0) {
    throw new Error(`There is no file in ${path} that can be read. Nothing was changed.`);
  }
  return { uri, files };
}

/** The bytes of standard input as a file. Without a name it is Markdown. */
export function standardInput(name = "standard-input.md"): FoundFiles {
  const read = async () => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of Bun.stdin.stream()) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_FILE_BYTES) return TOO_LARGE;
    }
    return readFile(Buffer.concat(chunks), name);
  };
  return { uri: name, files: [{ uri: name, read }] };
}

function nameOfPath(path: string): string {
  const plain = normalize(path).replaceAll(sep, "/").replace(/\/+$/, "");
  if (plain === "." || plain === "") return basename(resolve(path)) || "/";
  return plain.startsWith("..") && !isAbsolute(path) ? resolve(path).replaceAll(sep, "/") : plain;
}

async function collect(
  folder: string,
  uri: string,
  depth: number,
  files: NamedFile[],
): Promise<void> {
  const names = (await readdir(folder)).toSorted();
  for (const name of names) {
    if (name.startsWith(".") || name === "node_modules") continue;
    const path = `${folder}/${name}`;
    const found = await lstat(path);
    if (found.isDirectory() && depth < MAX_DEPTH) {
      await collect(path, `${uri}/${name}`, depth + 1, files);
    } else if (found.isFile() && isReadable(name)) {
      if (files.length === MAX_FILES) {
        throw new Error(`There are more than ${MAX_FILES} files. Learn the folders one by one.`);
      }
      files.push(fileAt(path, `${uri}/${name}`));
    }
  }
}

function fileAt(path: string, uri: string): NamedFile {
  return {
    uri,
    async read() {
      let bytes: Uint8Array;
      try {
        const { size } = await stat(path);
        if (size > MAX_FILE_BYTES) return TOO_LARGE;
        bytes = await Bun.file(path).bytes();
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
        return { kind: "unreadable", reason: `It cannot be opened: the system answers ${code}.` };
      }
      return readFile(bytes, basename(path));
    },
  };
}

const TOO_LARGE: FileReading = {
  kind: "unreadable",
  reason: `It is larger than ${MAX_FILE_BYTES / 1_048_576} MB.`,
};
