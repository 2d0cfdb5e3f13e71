import { dlopen } from "bun:ffi";

/** Where a service manager wants to hear of its services, as sd_notify(3) describes it. */
export interface NotifySocket {
  /** The path of a Unix datagram socket, or `@` and the name of an abstract one. */
  readonly address: string;
  /** The service is killed when nothing is heard for so long. Undefined: there is no watchdog. */
  readonly watchdogMs: number | undefined;
}

// The values are the same on every architecture of Linux.
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Tells systemd how this server is doing. Neither Bun nor node has Unix datagram sockets, so libc sends. A
 * message costs some 10 µs and never waits: a service manager that is busy must not hold up answers.
 */
export class ServiceManager {
  readonly #send: (state: string) => boolean;
  readonly #feedEveryMs: number;
  readonly #now: () => number;
  #fedAt: number;
  #unsaid: string | undefined;

  /** @throws an error where libc or its socket cannot be used */
  constructor({ address, watchdogMs }: NotifySocket, now = () => performance.now()) {
    this.#send = senderTo(address);
    // Twice as often as it must be, as sd_watchdog_enabled(3) advises.
    this.#feedEveryMs = watchdogMs === undefined ? Number.POSITIVE_INFINITY : watchdogMs / 2;
    this.#now = now;
    this.#fedAt = now();
  }

  /** The server answers requests. */
  ready(): void {
    this.#say("READY=1");
  }

  /** The server is ending, on purpose. */
  stopping(): void {
    this.#say("STOPPING=1");
  }

  /** The event loop runs. Call it often: the watchdog is fed when that is due. */
  beat(): void {
    if (this.#unsaid !== undefined) this.#say(this.#unsaid);
    const now = this.#now();
    if (now - this.#fedAt < this.#feedEveryMs) return;
    if (this.#send("WATCHDOG=1")) this.#fedAt = now;
  }

  /** A state that cannot be sent at once is sent by a later beat. */
  #say(state: string): void {
    this.#unsaid = this.#send(state) ? undefined : state;
  }
}

/** Returns a function that sends a datagram, and says whether the socket took it. */
function senderTo(address: string): (state: string) => boolean {
  const { socket, sendto } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    sendto: { args: ["i32", "buffer", "usize", "i32", "buffer", "u32"], returns: "i32" },
  }).symbols;
  const descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw new Error("The system gives no Unix datagram socket.");
  const to = unixAddress(address);
  return (state) => {
    const bytes = Buffer.from(state);
    return sendto(descriptor, bytes, bytes.length, MSG_NOSIGNAL, to, to.length) === bytes.length;
  };
}

/** A sockaddr_un. An abstract name begins with a zero byte; a path ends with one. */
export function unixAddress(address: string): Buffer {
  const family = Buffer.from(Uint16Array.of(AF_UNIX).buffer);
  const isAbstract = address.startsWith("@");
  const name = isAbstract ? `\0${address.slice(1)}` : `${address}\0`;
  return Buffer.concat([family, Buffer.from(name)]);
}
