import type { Link } from "../../http/link.ts";
import type { CuratorDeps } from "../../knowledge/curator.ts";
import type { Learner } from "../../knowledge/learner.ts";
import type { TurnStore } from "../../store/turn-store.ts";
import type { UnansweredStore } from "../../store/unanswered-store.ts";

export interface TabsDeps extends CuratorDeps {
  readonly link: Link;
  readonly store: CuratorDeps["store"] & UnansweredStore & Pick<TurnStore, "findTurn">;
  readonly config: {
    readonly knowledge: {
      readonly refreshHours: number;
      readonly words: number;
      readonly mode: "prefer" | "strict" | "off";
    };
  };
  readonly learner: Pick<Learner, "progress">;
  /** What the activity feed said last. */
  readonly published: () => string;
}
