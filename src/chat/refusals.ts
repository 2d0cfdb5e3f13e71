import type { Config } from "../config/config.ts";
import { AppError, overloaded } from "../errors.ts";
import type { LoopWatch } from "../runtime/event-loop-watch.ts";
import type { StoreSpace } from "../store/space.ts";
import type { Refusal } from "../turns/admission.ts";
import type { TurnDirectory } from "../turns/directory.ts";

interface RefusalDeps {
  readonly config: Pick<Config, "model" | "turns">;
  readonly loop: LoopWatch;
  readonly space: Pick<StoreSpace, "isFull">;
  readonly directory: Pick<TurnDirectory, "runningIn" | "running">;
  readonly isDraining: () => boolean;
  /** Whether the conversation of a session is being erased. */
  readonly isErasing: (sessionId: string) => boolean;
}

/** The reasons not to begin a turn that are known before the store is asked, the first that counts first. */
export function createRefusals({
  config,
  loop,
  space,
  directory,
  isDraining,
  isErasing,
}: RefusalDeps): readonly Refusal[] {
  return [
    () => (isDraining() ? new AppError("draining") : undefined),
    ({ isForPerson }) =>
      config.model.kind === "none" && isForPerson !== true ? new AppError("not_set_up") : undefined,
    ({ sessionId }) => {
      const isBusy = directory.runningIn(sessionId) !== undefined || isErasing(sessionId);
      return isBusy ? new AppError("turn_in_progress") : undefined;
    },
    () =>
      loop.isBehind || directory.running >= config.turns.maxConcurrentTurns
        ? overloaded()
        : undefined,
    () => (space.isFull ? new AppError("database_full") : undefined),
  ];
}
