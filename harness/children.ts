import type { Subprocess } from "bun";

/** The processes that this one has started, so that none of them outlives it. */

const running = new Set<Subprocess>();

/** Notes a process until it has ended. */
export function track<Child extends Subprocess>(child: Child): Child {
  running.add(child);
  void child.exited.then(() => running.delete(child));
  return child;
}

/** Ends at once whatever is still running; resolves when all of it is gone. */
export async function killAll(): Promise<void> {
  const left = [...running];
  for (const child of left) child.kill("SIGKILL");
  await Promise.all(left.map((child) => child.exited));
}
