import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { createSafeFetch, type SafeFetchOptions } from "../../src/crawl/safe-fetch.ts";
import type { LookUp } from "../../src/net/find-host.ts";
import { type IpAddress, parseCidr, parseIpAddress } from "../../src/net/ip-address.ts";
import { Authority, hasOpenssl } from "../support/certificates.ts";

const LOOPBACK = parseCidr("127.0.0.0/8") ?? expect.unreachable();

function address(text: string): IpAddress {
  return parseIpAddress(text) ?? expect.unreachable();
}

interface Seen {
  readonly host: string | null;
  readonly agent: string | null;
  readonly etag: string | null;
  readonly since: string | null;
}

/** A server that answers by path. What it was asked with is kept. */
function startServer(answers: Readonly<Record<string, () => Response>>, port = 0) {
  const seen: Seen[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    fetch(request) {
      const { headers } = request;
      seen.push({
        host: headers.get("host"),
        agent: headers.get("user-agent"),
        etag: headers.get("if-none-match"),
        since: headers.get("if-modified-since"),
      });
      const { pathname } = new URL(request.url);
      return answers[pathname]?.() ?? new Response("no such page", { status: 404 });
    },
  });
  return { port: String(server.port), seen, stop: () => server.stop(true) };
}

type Server = ReturnType<typeof startServer>;
const servers: { stop: () => unknown }[] = [];
afterAll(async () => {
  for (const server of servers) await server.stop();
});

function serve(answers: Readonly<Record<string, () => Response>>): Server {
  const server = startServer(answers);
  servers.push(server);
  return server;
}

/** Every name leads to this machine. */
const HERE: LookUp = () => Promise.resolve([address("127.0.0.1")]);

function ask(
  url: string,
  options: Partial<SafeFetchOptions> & { readonly signal?: AbortSignal } = {},
  request: Parameters<ReturnType<typeof createSafeFetch>>[1] = {
    signal: options.signal ?? new AbortController().signal,
  },
) {
  const fetch = createSafeFetch({
    lookUp: HERE,
    allowed: { hosts: [], cidrs: [LOOPBACK] },
    userAgent: "chatporch/0 (+https://chat.example)",
    own: new URL(url),
    ...options,
  });
  return fetch(new URL(url), request);
}

const PAGE = () => new Response("<p>Hello</p>", { headers: { "content-type": "text/html" } });

describe("what is asked for", () => {
  test("is asked of the address that was found, under the name of the host", async () => {
    const server = serve({ "/a": PAGE });
    const fetched = await ask(`http://shop.test:${server.port}/a`);
    expect(fetched).toMatchObject({ kind: "page", contentType: "text/html" });
    expect(server.seen).toEqual([
      {
        host: `shop.test:${server.port}`,
        agent: "chatporch/0 (+https://chat.example)",
        etag: null,
        since: null,
      },
    ]);
  });

  test("is asked directly, whatever proxy the environment names", async () => {
    const server = serve({ "/a": PAGE });
    const proxy = serve({
      "/a": () => new Response("What the proxy sees is not what was judged."),
    });
    // fetch looks at the environment of its process at every request.
    const before = process.env["HTTP_PROXY"];
    process.env["HTTP_PROXY"] = `http://127.0.0.1:${proxy.port}`;
    try {
      await ask(`http://shop.test:${server.port}/a`);
    } finally {
      if (before === undefined) delete process.env["HTTP_PROXY"];
      else process.env["HTTP_PROXY"] = before;
    }
    expect(server.seen).toHaveLength(1);
    expect(proxy.seen).toEqual([]);
  });

  test("comes with what the server can be asked with the next time", async () => {
    const headers = { etag: '"1"', "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT" };
    let status = 200;
    const server = serve({ "/a": () => new Response("x", { status, headers }) });
    const url = `http://shop.test:${server.port}/a`;
    const first = await ask(url);
    expect(first).toMatchObject({
      kind: "page",
      etag: '"1"',
      lastModified: headers["last-modified"],
    });
    status = 304;
    const { signal } = new AbortController();
    const lastModified = headers["last-modified"];
    expect(await ask(url, {}, { signal, etag: '"1"', lastModified })).toMatchObject({
      kind: "unchanged",
    });
    expect(server.seen[1]).toMatchObject({ etag: '"1"', since: lastModified });
  });

  test.each([
    [404, "gone", "does not exist (404)"],
    [410, "gone", "does not exist (410)"],
    [401, "failed", "asks for a password (401)"],
    [403, "failed", "refuses it (403)"],
    [500, "failed", "status 500"],
    [204, "failed", "status 204"],
  ])("and is answered with %p has %s", async (status, kind, reason) => {
    const server = serve({ "/": () => new Response(null, { status }) });
    const fetched = await ask(`http://shop.test:${server.port}/`);
    expect(fetched).toMatchObject({ kind, status, reason: expect.stringContaining(reason) });
  });

  test.each([
    ["7", 7000],
    ["soon", undefined],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
  ])("may have to wait: Retry-After %s", async (text, retryAfterMs) => {
    const headers = { "retry-after": text };
    const server = serve({ "/": () => new Response(null, { status: 503, headers }) });
    expect(await ask(`http://shop.test:${server.port}/`)).toMatchObject({ retryAfterMs });
  });

  test("is not read when its content type is refused", async () => {
    const server = serve({
      "/": () => new Response("%PDF", { headers: { "content-type": "Application/PDF; x=y" } }),
    });
    const { signal } = new AbortController();
    const refuseType = (type: string) => `It is ${type}.`;
    expect(await ask(`http://shop.test:${server.port}/`, {}, { signal, refuseType })).toMatchObject(
      { kind: "refused", reason: "It is application/pdf." },
    );
  });
});

describe("an address inside of a network", () => {
  const refusing = { allowed: { hosts: [], cidrs: [] } };

  test.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://[::1]/",
    "http://[::ffff:7f00:1]/",
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00::1]/",
  ])("is refused: %s", async (url) => {
    const fetched = await ask(url, refusing);
    expect(fetched).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("is not on the internet"),
    });
  });

  test("is refused when a name leads to it, even beside a public address", async () => {
    const lookUp: LookUp = () => Promise.resolve([address("1.1.1.1"), address("10.0.0.1")]);
    const fetched = await ask("http://shop.test/", { ...refusing, lookUp });
    expect(fetched).toMatchObject({
      kind: "refused",
      reason:
        "shop.test leads to 10.0.0.1, which is not on the internet. KNOWLEDGE_ALLOW_PRIVATE can name it.",
    });
  });

  test("is read when the owner has named the host or the network", async () => {
    const server = serve({ "/": PAGE });
    const url = `http://shop.test:${server.port}/`;
    const byHost = await ask(url, { allowed: { hosts: ["shop.test"], cidrs: [] } });
    const byNetwork = await ask(url, { allowed: { hosts: [], cidrs: [LOOPBACK] } });
    expect([byHost.kind, byNetwork.kind]).toEqual(["page", "page"]);
    const other = await ask(url, { allowed: { hosts: ["other.test"], cidrs: [] } });
    expect(other.kind).toBe("refused");
    expect(server.seen).toHaveLength(2);
  });

  test("is not reached from a website elsewhere, although the owner has named the network", async () => {
    const inside = serve({ "/secret": PAGE });
    const { port } = inside;
    // Both are reached by the same port, as websites are.
    const website = createSafeFetch({
      lookUp: HERE,
      allowed: { hosts: ["inside.test"], cidrs: [LOOPBACK] },
      userAgent: "chatporch/0",
      own: new URL(`http://shop.test:${port}/`),
    });
    const { signal } = new AbortController();
    for (const host of ["inside.test", "127.0.0.1"]) {
      const fetched = await website(new URL(`http://${host}:${port}/secret`), { signal });
      expect(fetched).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining("is read only if it is a source of its own."),
      });
    }
    expect(inside.seen).toEqual([]);
    const own = await website(new URL(`http://www.shop.test:${port}/secret`), { signal });
    expect(own.kind).toBe("page");
  });

  test("is not reached by a name whose address changes after it was judged", async () => {
    const server = serve({ "/": PAGE });
    const url = `http://rebind.test:${server.port}/`;
    // The first look-up gives a server that may be read, each later one another that may not.
    const found = [address("127.0.0.1")];
    const lookUp: LookUp = () => Promise.resolve([found.pop() ?? address("127.0.0.2")]);
    const allowed = { hosts: [], cidrs: [parseCidr("127.0.0.1") ?? expect.unreachable()] };
    expect(await ask(url, { lookUp, allowed })).toMatchObject({ kind: "page" });
    expect(server.seen).toHaveLength(1);
    expect(await ask(url, { lookUp, allowed })).toMatchObject({ kind: "refused" });
    expect(server.seen).toHaveLength(1);
  });

  test("is not reached by a redirect", async () => {
    const server = serve({
      "/": () => Response.redirect("http://inside.test/secret"),
      "/metadata": () => Response.redirect("http://169.254.169.254/"),
      "/file": () =>
        new Response(null, { status: 302, headers: { location: "file:///etc/passwd" } }),
      "/user": () =>
        new Response(null, { status: 302, headers: { location: "http://a:b@shop.test/" } }),
      "/port": () =>
        new Response(null, { status: 302, headers: { location: "http://shop.test:22/" } }),
    });
    const lookUp: LookUp = (host) =>
      Promise.resolve([address(host === "shop.test" ? "127.0.0.1" : "10.0.0.1")]);
    const reasons: string[] = [];
    for (const path of ["", "metadata", "file", "user", "port"]) {
      const fetched = await ask(`http://shop.test:${server.port}/${path}`, { lookUp });
      expect(fetched.kind).toBe("refused");
      if ("reason" in fetched) reasons.push(fetched.reason);
    }
    expect(reasons).toEqual([
      expect.stringContaining("inside.test leads to 10.0.0.1"),
      expect.stringContaining("169.254.169.254 is not on the internet"),
      expect.stringContaining("It redirects to an address that is not read. Only addresses"),
      expect.stringContaining("user name or a password"),
      "It redirects to http://shop.test:22/. Its port, 22, is not one of a website.",
    ]);
  });
});

describe("a redirect", () => {
  test("is followed, whether its target is relative or has a fragment", async () => {
    const server = serve({
      "/": () => new Response(null, { status: 301, headers: { location: "a" } }),
      "/a": () => new Response(null, { status: 308, headers: { location: "/b#part" } }),
      "/b": PAGE,
    });
    const fetched = await ask(`http://shop.test:${server.port}/`);
    expect(fetched.kind).toBe("page");
    expect(fetched.url.href).toBe(`http://shop.test:${server.port}/b`);
  });

  test("in a circle ends", async () => {
    const server = serve({
      "/": () => new Response(null, { status: 302, headers: { location: "/" } }),
    });
    const fetched = await ask(`http://shop.test:${server.port}/`);
    expect(fetched).toMatchObject({ kind: "failed", reason: "It redirects more than 5 times." });
    expect(server.seen).toHaveLength(6);
  });
});

describe("a server that means harm, or is broken", () => {
  /** Answers with these bytes, and leaves the connection to `then`. */
  function serveBytes(head: string, then: (send: (bytes: Uint8Array | string) => void) => void) {
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.write(head);
          then((bytes) => void socket.write(bytes));
        },
      },
    });
    servers.push({ stop: () => listener.stop(true) });
    return `http://shop.test:${listener.port}/`;
  }

  test("cannot fill the memory with a little that unpacks to much", async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    const server = serve({
      "/": () => new Response(bomb, { headers: { "content-encoding": "gzip" } }),
    });
    const before = process.memoryUsage.rss();
    const fetched = await ask(`http://shop.test:${server.port}/`);
    expect(fetched).toMatchObject({ kind: "refused", reason: "It is larger than 5 MB." });
    expect(process.memoryUsage.rss() - before).toBeLessThan(60_000_000);
  });

  test("cannot send without end", async () => {
    const server = serve({
      "/": () =>
        new Response(
          new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100_000)) }),
        ),
    });
    expect(await ask(`http://shop.test:${server.port}/`)).toMatchObject({ kind: "refused" });
  });

  test("cannot hold a request by sending drop after drop", async () => {
    let timer: Timer | undefined;
    const url = serveBytes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", (send) => {
      timer = setInterval(() => send("x"), 20);
    });
    const fetched = await ask(url, { timeoutMs: 300 });
    clearInterval(timer);
    expect(fetched).toMatchObject({
      kind: "failed",
      reason: "The server did not answer in time.",
    });
  });

  test("cannot hold a request by saying nothing, nor can its name server", async () => {
    const url = serveBytes("", () => {});
    expect(await ask(url, { timeoutMs: 200 })).toMatchObject({ kind: "failed" });
    const lookUp: LookUp = () => Promise.withResolvers<never>().promise;
    expect(await ask("http://shop.test/", { timeoutMs: 200, lookUp })).toMatchObject({
      kind: "failed",
      reason: "The server did not answer in time.",
    });
  });

  test.each([
    ["closes the connection", "", "closed the connection"],
    [
      "packs badly",
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nhello",
      "not packed as it says",
    ],
    ["speaks no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "The server"],
  ])("and %s is named in words", async (_what, bytes, reason) => {
    const listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.write(bytes);
          socket.end();
        },
      },
    });
    servers.push({ stop: () => listener.stop(true) });
    expect(await ask(`http://shop.test:${listener.port}/`)).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining(reason),
    });
  });

  test("is asked at its next address when one takes no connection", async () => {
    const server = serve({ "/": PAGE });
    const lookUp: LookUp = () => Promise.resolve([address("127.0.0.3"), address("127.0.0.1")]);
    expect(await ask(`http://shop.test:${server.port}/`, { lookUp })).toMatchObject({
      kind: "page",
    });
  });

  test("and takes no connection, or has no name, is named in words", async () => {
    const server = startServer({});
    await server.stop();
    expect(await ask(`http://shop.test:${server.port}/`)).toMatchObject({
      kind: "failed",
      reason: "Nothing listens at this address.",
    });
    const lookUp: LookUp = () => Promise.reject(new Error("NXDOMAIN"));
    expect(await ask("http://shop.test/", { lookUp })).toMatchObject({
      kind: "failed",
      reason: "The name shop.test does not exist, or cannot be looked up.",
    });
  });

  test("is left when the signal comes", async () => {
    const url = serveBytes("", () => {});
    const stop = new AbortController();
    const fetched = ask(url, { signal: stop.signal });
    stop.abort();
    expect(await fetched).toMatchObject({ kind: "failed" });
  });
});

describe.skipIf(!hasOpenssl)("a server with TLS", () => {
  test("must have a certificate for the name that was asked for", async () => {
    const authority = new Authority();
    const { certificate, key } = authority.issue({ names: "DNS:shop.test" });
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: readFileSync(certificate), key: readFileSync(key) },
      fetch: ({ headers }) => new Response(headers.get("host")),
    });
    servers.push({ stop: () => server.stop(true) });
    const ca = readFileSync(authority.files.certificate, "utf8");
    const right = await ask(`https://shop.test:${server.port}/`, { ca });
    expect(right.kind === "page" && Buffer.from(right.bytes).toString()).toBe(
      `shop.test:${server.port}`,
    );
    const wrong = await ask(`https://other.test:${server.port}/`, { ca });
    expect(wrong).toMatchObject({
      kind: "failed",
      reason: "Its TLS certificate is not valid for this name.",
    });
    expect(await ask(`https://shop.test:${server.port}/`)).toMatchObject({ kind: "failed" });
  });
});
