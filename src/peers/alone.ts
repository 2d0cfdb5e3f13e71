import type { Peers } from "./peers.ts";

/** The peers of a single process: none. */
export const ALONE: Peers = {
  self: "",
  follow: () => undefined,
  stop: async () => {},
  announce() {},
  serve() {},
  leave: async () => {},
};
