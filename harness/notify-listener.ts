import { dlopen } from "bun:ffi";

import { unixAddress } from "../src/runtime/service-manager.ts";

/** Stands in for systemd: a Unix datagram socket that takes what a service says of itself. Linux only. */
export interface NotifyListener {
  /** Everything that has been said so far, a datagram each. */
  heard(): readonly string[];
  /** Resolves when the state has been said. */
  until(state: string): Promise<void>;
  close(): void;
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const MAX_BYTES = 4096;
const LOOK_EVERY_MS = 5;

/** @param address a path in a folder that exists, or `@` and an abstract name */
export function listenForStates(address: string): NotifyListener {
  const { socket, bind, recv, close } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "buffer", "u32"], returns: "i32" },
    recv: { args: ["i32", "buffer", "usize", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
  }).symbols;
  const descriptor = socket(AF_UNIX, SOCK_DGRAM, 0);
  const name = unixAddress(address);
  if (bind(descriptor, name, name.length) !== 0) throw new Error(`Cannot listen at ${address}.`);
  const states: string[] = [];
  const bytes = Buffer.alloc(MAX_BYTES);
  const heard = () => {
    for (;;) {
      const length = recv(descriptor, bytes, MAX_BYTES, MSG_DONTWAIT);
      if (length < 0) return states;
      states.push(bytes.toString("utf8", 0, length));
    }
  };
  return {
    heard,
    async until(state) {
      while (!heard().includes(state)) await Bun.sleep(LOOK_EVERY_MS);
    },
    close: () => void close(descriptor),
  };
}
