import type { NoticeSettings } from "../config/notices.ts";
import type { Takeovers } from "../people/takeovers.ts";

/** What runs beside the deliverer of notices, while the settings want it. Its code is loaded then. */
export interface Companion {
  readonly isWanted: (notices: NoticeSettings) => boolean;
  readonly start: (takeovers: Takeovers) => Promise<RunningCompanion>;
}

export interface RunningCompanion {
  /** Resolves when nothing of it goes on. */
  stop(): Promise<void>;
}
