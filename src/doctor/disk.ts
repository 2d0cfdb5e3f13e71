import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";

import type { Finding } from "./report.ts";

const SUBJECT = "disk";
/** A write-ahead log of its full size, a backup of a small database, and some air. */
const SCARCE_BYTES = 100_000_000;
const LOW_BYTES = 1_000_000_000;

/** Whether there is room beside the database and its folder can be written to. */
export function checkDisk(databasePath: string): Finding[] {
  const folder = nearestFolder(resolve(databasePath));
  return [checkFolder(folder), checkSpace(folder)].filter((finding) => finding !== undefined);
}

/** SQLite makes files of its own beside the database, so the folder itself has to be open. */
function checkFolder(folder: string): Finding | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    // Whatever keeps this user out: what to do is the same.
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
  return { mark, subject: SUBJECT, says, mend: "Make room: a full disk stores no question." };
}

/** The folder of the database, or what there is of the way to it: the server makes the rest. */
function nearestFolder(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) || folder === path ? folder : nearestFolder(folder);
}
