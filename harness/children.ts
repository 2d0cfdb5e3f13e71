import type { Subprocess } from "bun";

/** Keeps track of the processes that this one has started, so that none of them outlives it. */

const running = new Set<Subprocess>();

/** Keeps the process in the list until it has ended. */
export function track<Child extends Subprocess>(child: Child): Child {
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

/** Kills every process that is still running. Resolves when all have ended. */
export async function killAll(): Promise<void> {
  const left = [...running];
  for (const child of left) child.kill("SIGKILL");
  await Promise.all(left.map((child) => child.exited));
}
