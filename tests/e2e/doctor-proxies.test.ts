import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { networkInterfaces } from "node:os";

import { KEYS } from "../../harness/chat-requests.ts";
import { answer, startModelServer } from "../../harness/model-server.ts";
import { cleanUp, runChatporch, type Settings, startChatporch } from "../../harness/process.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { Env } from "../../src/config/setting-reader.ts";
import { examine } from "../../src/doctor/examine.ts";
import { createDemoModel } from "../../src/model/demo.ts";
import {
  documentedSite,
  hasProxy,
  type Place,
  PROXY_NAMES,
  type ProxyName,
  type RunningProxy,
  sayWhichAreMissing,
  startProxy,
} from "../support/proxies.ts";
import {
  ADMIN_KEY,
  ALLOWED_ORIGIN,
  createTestApp,
  DASHBOARD_PASSWORD,
  type TestApp,
  WIDGET_KEY,
} from "../support/test-app.ts";

/**
 * What the doctor says about proxies is true, and its advice solves the problem. The proxies are real; the
 * doctor and the server run in this process, so that many tests wait at the same time.
 */

setDefaultTimeout(60_000);

sayWhichAreMissing(PROXY_NAMES);

const running: { stop(): unknown }[] = [];

afterAll(async () => {
  await Promise.all(running.map((started) => started.stop()));
  await cleanUp();
});

/** Settings of the server and of the doctor beside it. */
const SETTINGS: Env = {
  NODE_ENV: "test",
  WIDGET_API_KEY: WIDGET_KEY,
  ADMIN_API_KEY: ADMIN_KEY,
  CORS_ORIGIN: ALLOWED_ORIGIN,
  DASHBOARD_PASSWORD,
  // No test asks this model: the doctor has a model of its own.
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
};

/** @returns the server's address */
function startServer(more: Env = {}): string {
  const server: TestApp = createTestApp({
    env: { ...SETTINGS, ...more },
    peerAddress: (request) => server.app.server?.requestIP(request)?.address,
  });
  running.push({ stop: () => server.close() });
  return server.listen();
}

async function doctor(url: string, more: Env = {}) {
  let stdout = "";
  const isContent = await examine({
    settings: loadConfig({ ...SETTINGS, ...more }, () => ""),
    url,
    idleSeconds: 0,
    inspectDatabase: async () => WHOLE_DATABASE,
    // Replicas have no part in these tests.
    inspectServers: { probeDatabase: unused, inspectDatabase: unused, inspectBus: unused },
    inspectKnowledge: async () => undefined,
    createModel: async () => createDemoModel(0),
    createEmbeddings: () => undefined,
    probeChannel: unused,
    // No proxy is in this process's environment; "the owner's key" below has one.
    connectDirectly: () => {},
    write(text) {
      stdout += text;
    },
    isTerminal: false,
    now: Date.now,
  });
  return { stdout, isContent };
}

async function unused(): Promise<never> {
  throw new Error("not to be called");
}

const WHOLE_DATABASE = {
  kind: "found",
  schema: 1,
  knownSchema: 1,
  damages: [],
  sizeBytes: 1,
  usedBytes: 1,
  builtShare: 1,
  isReadableByOthers: false,
} as const;

/** A change to a site's configuration from docs/running.md. */
type Change = (site: string) => string;

interface Link {
  readonly name: ProxyName;
  readonly change?: Change;
}

const asDocumented: Change = (site) => site;

/** Starts the proxies in a chain; the last of them passes requests to the server. */
async function startChain(links: readonly Link[], server: string): Promise<string> {
  let behind = server;
  for (const { name, change = asDocumented } of links.toReversed()) {
    const documented = await documentedSite(name, behind);
    const proxy: RunningProxy = await startProxy(name, (place: Place) => change(documented(place)));
    running.push(proxy);
    behind = proxy.url;
  }
  return behind;
}

async function examineBehind(links: readonly Link[], more: Env = {}) {
  return doctor(await startChain(links, startServer(more)), more);
}

const without = (line: RegExp) => (site: string) => site.replace(line, "");
const isHere = ({ name }: Link) => hasProxy(name);

describe.concurrent("behind a proxy that is set up as docs/running.md says", () => {
  test.each(PROXY_NAMES.filter(hasProxy))(
    "the doctor finds nothing wrong behind %s",
    async (name) => {
      const { stdout, isContent } = await examineBehind([{ name }], { TRUST_PROXY: "1" });
      expect(stdout).toMatch(
        /^✓ proxy +one proxy in front.*, trusted; this request counts as 127/m,
      );
      expect(stdout).toEndWith("\nAll is well.\n");
      expect(isContent).toBe(true);
    },
  );
});

describe.concurrent(
  "a TRUST_PROXY that does not fit, on a machine where all addresses are the same",
  () => {
    const NGINX: Link = { name: "nginx" };
    const CADDY: Link = { name: "Caddy" };
    const HAPROXY: Link = { name: "HAProxy" };
    const VARNISH: Link = { name: "Varnish" };

    const CASES: [string, Link[], string | undefined, RegExp][] = [
      ["no setting", [NGINX], undefined, /one proxy in front, and not trusted/],
      [
        "two proxies and 1",
        [NGINX, HAPROXY],
        "1",
        /2 proxies in front, and TRUST_PROXY=1: all visit/,
      ],
      ["two proxies and 3", [HAPROXY, VARNISH], "3", /2 proxies in front, and TRUST_PROXY=3/],
      ["one proxy and 3", [HAPROXY], "3", /one proxy in front, and TRUST_PROXY=3: visitors share/],
      [
        "one that writes the header anew and 2",
        [CADDY],
        "2",
        /one proxy in front, .* TRUST_PROXY=2/,
      ],
      [
        "a range without the proxy",
        [NGINX],
        "10.0.0.0/8",
        /TRUST_PROXY does not contain 127\.0\.0\.1/,
      ],
      [
        "two, one of them unknown",
        [NGINX, HAPROXY],
        "10.0.0.1",
        /2 proxies .* does not contain 127/,
      ],
    ];

    test.each(CASES.filter(([, links]) => links.every(isHere)))(
      "(%s) is found by the doctor, and its advice solves the problem",
      async (_name, links, trust, says) => {
        const env: Env = trust === undefined ? {} : { TRUST_PROXY: trust };
        const ill = await examineBehind(links, env);
        expect(ill.stdout).toMatch(new RegExp(`^✗ proxy +.*${says.source}`, "m"));
        expect(ill.isContent).toBe(false);
        const [, advised = ""] = /→ Set TRUST_PROXY=(\d+)\./.exec(ill.stdout) ?? [];

        const well = await examineBehind(links, { TRUST_PROXY: advised });
        expect(well.stdout).toMatch(
          /^✓ proxy +.* in front.*, trusted; this request counts as 127/m,
        );
        expect(well.stdout).toEndWith("\nAll is well.\n");
      },
    );

    test.skipIf(!hasProxy("nginx"))(
      "is found by the doctor when the server was not restarted",
      async () => {
        const url = await startChain([NGINX], startServer());
        const { stdout } = await doctor(url, { TRUST_PROXY: "1" });
        expect(stdout).toMatch(/^✗ proxy +the running server has another TRUST_PROXY \(not set\)/m);
        expect(stdout).toContain("→ Restart the server with these settings.");
      },
    );
  },
);

describe.concurrent("the doctor finds a proxy that does not name its clients:", () => {
  const CASES: [string, Link, string][] = [
    [
      "nginx passes the header on as it came",
      { name: "nginx", change: without(/.*X-Forwarded-For.*\n/) },
      "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    ],
    [
      "HAProxy adds nothing, and does not name itself",
      { name: "HAProxy", change: without(/ *option forwardfor\n/) },
      "HAProxy: option forwardfor.",
    ],
    [
      "HAProxy drops the header",
      {
        name: "HAProxy",
        change: (site) =>
          site.replace("option forwardfor", "http-request del-header X-Forwarded-For"),
      },
      "HAProxy: option forwardfor.",
    ],
  ];

  test.each(CASES.filter(([, link]) => isHere(link)))("%s", async (_name, link, advice) => {
    const { stdout, isContent } = await examineBehind([link]);
    expect(stdout).toMatch(
      /^✗ proxy +a proxy in front does not say whom it speaks for: all visitors count as 127\.0\.0\.1/m,
    );
    expect(stdout).toContain(advice);
    expect(isContent).toBe(false);
  });

  test.skipIf(!hasProxy("HAProxy"))(
    "with TRUST_PROXY, clients choose the address that they count as",
    async () => {
      const link: Link = { name: "HAProxy", change: without(/ *option forwardfor\n/) };
      const { stdout } = await examineBehind([link], { TRUST_PROXY: "1" });
      expect(stdout).toMatch(
        /^✗ proxy +a proxy in front .*: anybody who sends X-Forwarded-For chooses the address that counts$/m,
      );
    },
  );
});

// These tests run one after the other, because they measure tenths of a second.
describe("a proxy that holds streams back is found, with advice for this proxy only:", () => {
  const NGINX_BUFFERS = "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;";
  const CASES: [Link, RegExp, string][] = [
    [
      {
        name: "nginx",
        change: (site) =>
          site
            .replace("proxy_buffering off;", NGINX_BUFFERS)
            .replace("proxy_http_version 1.1;", ""),
      },
      /^✗ streaming +a proxy buffers the stream: /m,
      "→ nginx: proxy_buffering off;",
    ],
    [
      { name: "lighttpd", change: without(/.*stream-response-body.*\n/) },
      /^✗ streaming +a proxy buffers the stream: /m,
      "→ lighttpd: server.stream-response-body = 1",
    ],
    [
      { name: "HAProxy", change: without(/ *option http-no-delay\n/) },
      /^! streaming +a proxy delays the beginning of a stream by 0\.2 s$/m,
      "→ HAProxy: option http-no-delay",
    ],
  ];

  test.each(CASES.filter(([link]) => isHere(link)).map((rest) => [rest[0].name, ...rest] as const))(
    "%s",
    async (name, link, says, advice) => {
      const trusted = { TRUST_PROXY: "1" };
      const url = await startChain([link], startServer(trusted));
      const { stdout } = await doctor(url, trusted);
      expect(stdout).toMatch(says);
      expect(stdout).toContain(advice);
      for (const other of PROXY_NAMES) {
        if (other !== name) expect(stdout).not.toContain(`→ ${other}:`);
      }
      expect(stdout).not.toContain("flush_interval");
    },
  );
});

describe("the owner's key", () => {
  test("is sent to no proxy of the environment, even when NO_PROXY excepts other hosts", async () => {
    const proxied: string[] = [];
    const outgoing = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        proxied.push(`${new URL(request.url).pathname} ${JSON.stringify([...request.headers])}`);
        return new Response("proxied", { status: 502 });
      },
    });
    running.push(outgoing);
    const address = outgoing.url.href;
    const model = startModelServer(answer("Ready."));
    running.push(model);
    const settings = { ...KEYS, CORS_ORIGIN: ALLOWED_ORIGIN, OPENAI_BASE_URL: model.url };
    const server = await startChatporch(settings);
    const environments: Settings[] = [
      { HTTP_PROXY: address },
      { http_proxy: address, no_proxy: "example.com" },
      { ALL_PROXY: address, NO_PROXY: "example.com" },
      { HTTP_PROXY: address, no_proxy: "example.com", NO_PROXY: "example.org" },
    ];
    await Promise.all(
      environments.map(async (environment) => {
        const { stdout } = await runChatporch(
          ["doctor", "--url", server.url, "--idle", "0"],
          { ...settings, ...environment },
          server.folder,
        );
        expect(stdout).toMatch(/^✓ proxy +none seen; this request counts as 127/m);
      }),
    );
    // The doctor asks the model through the proxy, as the server does.
    expect(proxied.join("\n")).toContain("/v1/chat/completions");
    expect(proxied.filter((request) => /health|admin|dashboard|widget/.test(request))).toEqual([]);
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((found) => found?.family === "IPv4" && !found.internal)?.address;

  test.skipIf(outside === undefined)(
    "is not sent over plain http to another machine, and the doctor makes its other checks",
    async () => {
      const server = startServer();
      const headers: string[] = [];
      const listener = Bun.serve({
        hostname: "0.0.0.0",
        port: 0,
        fetch(request) {
          headers.push(JSON.stringify([...request.headers]));
          const { pathname } = new URL(request.url);
          return fetch(`${server}${pathname}`, {
            method: request.method,
            headers: request.headers,
            decompress: false,
          });
        },
      });
      running.push(listener);
      const url = `http://${outside}:${listener.port}`;
      const { stdout, isContent } = await doctor(url, { HOST: "0.0.0.0" });
      expect(stdout).toMatch(
        /^! proxy +proxy and streaming were not checked: ADMIN_API_KEY is not sent over plain http/m,
      );
      expect(stdout).toMatch(/^✓ CORS /m);
      expect(stdout).toMatch(/^✓ pages /m);
      expect(isContent).toBe(true);
      expect(headers.length).toBeGreaterThan(2);
      expect(headers.join()).not.toContain(ADMIN_KEY);
    },
  );
});

test("control characters that another server sends are shown, and the terminal does not obey them", async () => {
  const evil = "\u001b[2J\u001b]0;owned\u0007\u009b31m\u202ereversed\r\nfaked ✓ all is well";
  const listener = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/health") return Response.json({ status: "ok" });
      if (pathname.endsWith("/request")) {
        return Response.json({
          version: evil,
          scheme: evil,
          host: evil,
          connection: null,
          peer: evil,
          forwardedFor: [evil, evil],
          client: evil,
          trustProxy: evil,
          environment: evil,
        });
      }
      const headers = {
        "access-control-allow-origin": "\u009b31mred",
        "content-type": "text/\u009b31mred",
      };
      return new Response(`<link rel="stylesheet" href="/dashboard/assets/${evil}">`, { headers });
    },
  });
  running.push(listener);
  const { stdout } = await doctor(listener.url.href);
  expect(stdout).toContain("\\u{1b}[2J");
  expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(stdout).not.toMatch(/^faked/m);
});
