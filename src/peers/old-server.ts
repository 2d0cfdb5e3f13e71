import type { Logger } from "../runtime/logger.ts";
import type { BusState } from "./bus-state.ts";

const OLDEST_MAJOR = { Redis: 7, Valkey: 8 } as const;

/** Says what to do about a server that is too old to carry the bus. Undefined: it is not, or keeps its version secret. */
export function oldServerAdvice({
  product,
  version,
}: Pick<BusState, "product" | "version">): Readonly<Record<"says" | "mend", string>> | undefined {
  const needed = OLDEST_MAJOR[product];
  if (version === undefined || Number.parseInt(version, 10) >= needed) return undefined;
  return {
    says: `${product} ${version} is too old`,
    mend: `Update it to version ${needed} or newer.`,
  };
}

/** Warns of a server that is too old. The bus does with it what it can. */
export async function warnOfOldServer(
  inspect: () => Promise<BusState>,
  log: Pick<Logger, "warn">,
): Promise<void> {
  try {
    const advice = oldServerAdvice(await inspect());
    if (advice) log.warn(advice.says, { mend: advice.mend });
  } catch {
    // The server is away, and the bus says so.
  }
}
