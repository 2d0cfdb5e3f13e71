import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { Finding } from "./report.ts";

const SUBJECT = "disk";
/** Enough for a full write-ahead log, a backup of a small database, and a reserve. */
const SCARCE_BYTES = 100_000_000;
const LOW_BYTES = 1_000_000_000;

/** Checks whether the disk of the database has room and its folder is writable. */
export function checkDisk(databasePath: string): Finding[] {
  const folder = nearestFolder(resolve(databasePath));
  return [checkFolder(folder), checkSpace(folder)].filter((finding) => finding !== undefined);
}

/** SQLite creates files next to the database, so the folder itself must be writable. */
function checkFolder(folder: string): Finding | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    // The advice is the same for every reason.
    return {
      mark: "wrong",
      subject: SUBJECT,
      says: `${folder} cannot be written to by this user`,
      mend: "Give the folder to the user that runs the server (chown), and run this command as that user.",
    };
  }
}

function checkSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  return judgeSpace(folder, bavail * bsize);
}

export function judgeSpace(folder: string, freeBytes: number): Finding {
  const says = `${(freeBytes / 1e9).toFixed(1)} GB free at ${folder}`;
  if (freeBytes >= LOW_BYTES) return { mark: "ok", subject: SUBJECT, says };
  const mark = freeBytes < SCARCE_BYTES ? "wrong" : "warning";
  return {
    mark,
    subject: SUBJECT,
    says,
    mend: "Free some space: on a full disk, no question can be stored.",
  };
}

/** The folder of the database, or its nearest existing parent. The server creates the rest. */
function nearestFolder(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) || folder === path ? folder : nearestFolder(folder);
}
