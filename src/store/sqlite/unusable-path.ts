import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { UnusableSettingError } from "../../config/problems.ts";
import { runningAs } from "../../runtime/running-as.ts";

/** Thrown when the system does not allow a database at this path. */
export class UnusablePathError extends UnusableSettingError {
  override readonly name = "UnusablePathError";

  constructor(path: string, reason: string, cause?: unknown) {
    super(`The database ${path} cannot be used: ${reason}.`, { cause });
  }
}

/**
 * Finds out why SQLite cannot open or make a file, because SQLite only says "unable to open database file".
 * SQLite keeps other files beside the database, so the folder must be writable, too.
 * @param file the path after its links were followed
 * @returns undefined when nothing is wrong with the path
 */
export function pathProblem(file: string): string | undefined {
  const found = existsSync(file) ? statSync(file) : undefined;
  if (found?.isDirectory() || file.endsWith("/")) {
    return `it is a folder; name a file in it, such as ${file.replace(/\/+$/, "")}/chatporch.db`;
  }
  if (found !== undefined && !found.isFile()) return "it is a device, not a file";
  const folder = dirname(file);
  if (!existsSync(folder)) return missingFolderProblem(folder);
  if (!statSync(folder).isDirectory()) return `${folder} is a file, not a folder`;
  return (
    accessProblem(folder, "make files in", constants.W_OK | constants.X_OK) ??
    (found && accessProblem(file, "read and write", constants.R_OK | constants.W_OK))
  );
}

function missingFolderProblem(folder: string): string | undefined {
  const parent = dirname(folder);
  if (parent === folder) return undefined;
  if (!existsSync(parent)) return missingFolderProblem(parent);
  if (!statSync(parent).isDirectory()) return `${parent} is a file, not a folder`;
  const problem = accessProblem(parent, "make a folder in", constants.W_OK | constants.X_OK);
  return problem && `there is no folder ${folder}, and ${problem}`;
}

function accessProblem(path: string, doing: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EROFS") return `${path} is on a read-only file system`;
    return `${runningAs()} may not ${doing} ${path}`;
  }
}
