import { readFileSync } from "node:fs";

/** The user whose file permissions apply to this process: `user chatporch (uid 10001)`. */
export function runningAs(): string {
  const uid = process.geteuid?.();
  if (uid === undefined) return "the user that runs chatporch";
  const name = userName(uid);
  return name === undefined ? `uid ${uid}` : `user ${name} (uid ${uid})`;
}

function userName(uid: number): string | undefined {
  try {
    const users = readFileSync("/etc/passwd", "utf8").split("\n");
    return users.map((line) => line.split(":")).find(([, , id]) => id === String(uid))?.[0];
  } catch {
    // A container may have no such file; the number is enough.
    return undefined;
  }
}
