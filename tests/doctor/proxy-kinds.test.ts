import { expect, test } from "bun:test";

import { adviceFor, namedProxies } from "../../src/doctor/proxy-kinds.ts";

test.each([
  [{ server: "nginx/1.22.1" }, ["nginx"]],
  [{ server: "openresty" }, ["nginx"]],
  [{ server: "Caddy" }, ["Caddy"]],
  [{ via: "1.1 Caddy" }, ["Caddy"]],
  [{ server: "Apache/2.4.71 (Debian)" }, ["Apache"]],
  [{ server: "lighttpd/1.4.69" }, ["lighttpd"]],
  [{ via: "1.1 varnish (Varnish/7.1)" }, ["Varnish"]],
  [{ "x-varnish": "32770" }, ["Varnish"]],
  [{ server: "cloudflare", "cf-ray": "8f-FRA" }, ["Cloudflare"]],
  [{ via: "1.1 abc.cloudfront.net (CloudFront)" }, ["CloudFront"]],
  [{ server: "nginx", via: "1.1 varnish" }, ["nginx", "Varnish"]],
  [{ server: "something else" }, []],
  [{}, []],
])("an answer with the headers %j is from the proxies %j", (headers, names) => {
  const proxies = namedProxies(new Headers(headers as Record<string, string>));
  expect(proxies.map(({ name }) => name)).toEqual(names);
});

test("the advice is for the proxies that name themselves, and for no other", () => {
  const advice = adviceFor(namedProxies(new Headers({ server: "lighttpd" })), "streaming");
  expect(advice).toBe("lighttpd: server.stream-response-body = 1");
});

test("the advice for Caddy does not name flush_interval, which does harm", () => {
  const caddy = namedProxies(new Headers({ server: "Caddy" }));
  expect(adviceFor(caddy, "streaming")).not.toContain("flush_interval");
});

test("a proxy that does not name itself may be HAProxy or Traefik", () => {
  expect(adviceFor([], "streaming")).toMatch(/HAProxy: option http-no-delay.*Traefik/);
});
