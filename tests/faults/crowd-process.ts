import { KEYS } from "../../harness/chat-requests.ts";

/**
 * The process behind crowd.ts. Prints `open` when all are connected, and `closed` when the server has
 * closed them all. Usage: bun crowd-process.ts PORT COUNT BEHAVIOUR
 */
const [, , port = "", count = "", behaviour = ""] = process.argv;

const HEAD = [
  "POST /v1/chat/stream HTTP/1.1",
  "host: localhost",
  `x-api-key: ${KEYS.WIDGET_API_KEY}`,
  "content-type: application/json",
].join("\r\n");

/** One of the addresses that the clients come from: the server would refuse so many from a single one. */
const ADDRESS = "ADDRESS";
const ADDRESSES = 100;

/** What is sent at once, and what follows byte by byte without an end. */
const BEHAVIOURS: Readonly<Record<string, { readonly first: string; readonly drip?: string }>> = {
  idle: { first: "" },
  head: { first: `${HEAD}\r\nx-more: m`, drip: "m" },
  body: {
    first: `${HEAD}\r\nx-forwarded-for: ${ADDRESS}\r\ncontent-length: 4000\r\n\r\n{"sessionId":"`,
    drip: "s",
  },
};
const { first, drip } = BEHAVIOURS[behaviour] ?? { first: "" };

/** Fewer at once than a server's queue of connections that wait to be accepted. */
const AT_ONCE = 100;
const DRIP_EVERY_MS = 3000;
/** Spreads the bytes of all clients over time. */
const PARTS = 30;

const open = new Set<Bun.Socket>();
let joins = 0;
let isWhole = false;

async function join(): Promise<void> {
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(port),
    socket: {
      data() {},
      error() {},
      close(closed) {
        open.delete(closed);
        if (open.size > 0 || !isWhole) return;
        console.log("closed");
        process.exit(0);
      },
    },
  });
  open.add(socket);
  joins += 1;
  if (first !== "") socket.write(first.replace(ADDRESS, `198.51.100.${joins % ADDRESSES}`));
}

for (let joined = 0; joined < Number(count); joined += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, Number(count) - joined) }, join));
}
console.log("open");
isWhole = true;

let part = 0;
setInterval(() => {
  part += 1;
  let index = 0;
  for (const socket of open) {
    // Only every other client sends anything.
    if (drip !== undefined && index % 2 === 0 && (index / 2) % PARTS === part % PARTS) {
      socket.write(drip);
    }
    index += 1;
  }
}, DRIP_EVERY_MS / PARTS);
