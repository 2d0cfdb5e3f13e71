import type { Peers } from "./peers.ts";

/** The peers of a single process: none. */
export const ALONE: Peers = {
  self: "",
  replicas: async () => [],
  ping: async () => {},
  follow: async () => undefined,
  announce() {},
  announceTyping() {},
  announceVersion() {},
  onVersion() {},
  serve() {},
  leave: async () => {},
};
