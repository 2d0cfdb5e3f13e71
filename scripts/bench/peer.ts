import type { Bench } from "./scenario.ts";
import type { Target } from "./targets.ts";

export async function preparePeer(_bench: Bench): Promise<Target | undefined> {
  return undefined;
}
