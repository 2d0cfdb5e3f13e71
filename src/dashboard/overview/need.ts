import type { Content } from "../html.ts";

/** A line of the list of what needs the owner: what there is, and where he does something about it. */
export interface Need {
  readonly tone: "bad" | "warn" | "plain";
  readonly says: Content;
  readonly path?: string;
  readonly words?: string;
}
