import { describe, expect, test } from "bun:test";

import fc from "fast-check";

import {
  createOriginCheck,
  createOwnOriginCheck,
  parseOriginPattern,
} from "../../src/net/origin.ts";

function checkOf(...texts: string[]) {
  return createOriginCheck(
    texts.map((text) => {
      const pattern = parseOriginPattern(text);
      if (!pattern) throw new Error(`Not an origin: ${text}`);
      return pattern;
    }),
  );
}

describe("parseOriginPattern", () => {
  test.each([
    "https://www.example.com",
    "http://localhost:3000",
    "http://127.0.0.1:8080",
    "http://[::1]:3000",
    "https://xn--bcher-kva.example",
    "HTTPS://WWW.EXAMPLE.COM",
    "https://*.example.com",
    "https://*.example.com:8443",
  ])("reads %s", (text) => {
    expect(parseOriginPattern(text)).toBeDefined();
  });

  test.each([
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["https://example.com:443", "https://example.com"],
    ["http://Example.com:80", "http://example.com"],
  ])("reads %s as browsers write it, %s", (text, origin) => {
    expect(parseOriginPattern(text)).toEqual({ kind: "exact", origin });
  });

  test.each([
    "",
    "*",
    "null",
    "example.com",
    "//example.com",
    "https://",
    "https://example.com/",
    "https://example.com/chat",
    "https://example.com?x",
    "https://example.com#x",
    "https://user@example.com",
    "https://example .com",
    "ftp://example.com",
    "file:///index.html",
    "file://localhost",
    "FILE://localhost",
    "javascript:alert(1)",
    "javascript://localhost",
    "data://localhost",
    "blob://localhost",
    "about://blank",
    "null://localhost",
    "wss://example.com",
    "capacitor://",
    "capacitor://localhost/",
    "capacitor://*.localhost",
    "capacitor://*",
    "*://localhost",
    "capacitor://user@localhost",
    "capacitor:localhost",
    "https://*",
    "https://*.",
    "https://*.com",
    "https://*.*.example.com",
    "https://www.*.example.com",
    "https://*example.com",
    "https://*.example.com/",
    "*.example.com",
    "https://example.*",
  ])("refuses %j", (text) => {
    expect(parseOriginPattern(text)).toBeUndefined();
  });

  test("takes an origin exactly as a browser would send it, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string()), (text) => {
        const pattern = parseOriginPattern(text);
        if (pattern?.kind === "exact" && pattern.origin.startsWith("http")) {
          expect(new URL(text).origin).toBe(pattern.origin);
        }
        if (!URL.canParse(text)) return;
        const { origin } = new URL(text);
        if (/^https?:[^*]+$/.test(origin)) expect(checkOf(origin)(origin)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the origin of an app or an extension", () => {
  const APPS = [
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
    "app://bundle",
    "app://obsidian.md",
    "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
    "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
    "safari-web-extension://2C127FA4-62C7-7E4F-90E5-472B45EECFDC",
  ];

  test.each(APPS)("%s is allowed when it is listed, and no other origin is", (origin) => {
    const isAllowed = checkOf(origin);
    expect(isAllowed(origin)).toBe(true);
    const host = origin.replace(/^.*:\/\//, "");
    for (const other of [
      `${origin}/`,
      `${origin}.evil.example`,
      `evil${origin}`,
      `https://${host}`,
      `http://${host}`,
      host,
      "null",
      ...APPS.filter((app) => app !== origin),
    ]) {
      expect(isAllowed(other)).toBe(false);
    }
  });

  test("may be configured with its scheme in any case", () => {
    expect(checkOf("Capacitor://localhost")("capacitor://localhost")).toBe(true);
  });
});

describe("an exact origin in the list", () => {
  const isAllowed = checkOf("https://www.example.com", "http://localhost:3000");

  test("is allowed", () => {
    expect(isAllowed("https://www.example.com")).toBe(true);
    expect(isAllowed("http://localhost:3000")).toBe(true);
  });

  test("may be configured in any case", () => {
    expect(checkOf("HTTPS://WWW.Example.COM")("https://www.example.com")).toBe(true);
  });

  test.each([
    "",
    "*",
    "null",
    "undefined",
    "constructor",
    "__proto__",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "http://www.example.com",
    "https://example.com",
    "https://www.example.com/",
    "https://www.example.com:443",
    "https://www.example.com:8443",
    "https://www.example.com.evil.example",
    "https://www.example.comevil.example",
    "https://evilwww.example.com",
    "https://evil.example/https://www.example.com",
    "https://evil.example#https://www.example.com",
    "https://www.example.com@evil.example",
    "https://www.example.com evil.example",
    "https://www.example.com, https://evil.example",
    "https://www.example.com\0",
    "https://www-example.com",
    "https://wwwXexample.com",
    "http://localhost:30001",
    "http://localhost",
  ])("is not %j", (origin) => {
    expect(isAllowed(origin)).toBe(false);
  });
});

describe("a wildcard in the list", () => {
  const isAllowed = checkOf("https://*.example.com");

  test.each([
    "https://www.example.com",
    "https://a.b.c.example.com",
    "https://my-shop_2.example.com",
    "https://xn--bcher-kva.example.com",
  ])("allows %s", (origin) => {
    expect(isAllowed(origin)).toBe(true);
  });

  test.each([
    "https://example.com",
    "https://.example.com",
    "https://a..example.com",
    "http://www.example.com",
    "https://www.example.com:8443",
    "https://www.example.com.evil.example",
    "https://evilexample.com",
    "https://evil-example.com",
    "https://evil.example/.example.com",
    "https://evil.example?.example.com",
    "https://evil.example#.example.com",
    "https://evil.example\\.example.com",
    "https://user@evil.example:1.example.com",
    "https://evil.example%2f.example.com",
    "https://evil.example\n.example.com",
    "https://*.example.com",
    "null",
    "constructor",
    "__proto__",
  ])("does not allow %j", (origin) => {
    expect(isAllowed(origin)).toBe(false);
  });

  test("applies to its port only", () => {
    const isAllowedThere = checkOf("https://*.example.com:8443");
    expect(isAllowedThere("https://www.example.com:8443")).toBe(true);
    expect(isAllowedThere("https://www.example.com")).toBe(false);
    expect(isAllowedThere("https://www.example.com:18443")).toBe(false);
  });

  test("allows every subdomain, and nothing else", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."ab.-:/@?#*%\\ ") });
    fc.assert(
      fc.property(fc.oneof(fc.domain(), noise), (prefix) => {
        const origin = `https://${prefix}.example.com`;
        const host = URL.canParse(origin) ? new URL(origin) : undefined;
        const isSubdomain =
          host?.origin === origin && host.hostname.endsWith(".example.com") && host.port === "";
        if (isAllowed(origin)) expect(isSubdomain).toBe(true);
        if (isSubdomain && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(prefix)) {
          expect(isAllowed(origin)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("whatever an origin is put together from,", () => {
  const PARTS = [
    ..."./:@#?\\%*, ",
    "https://",
    "http://",
    "www",
    "example",
    "com",
    "example.com",
    ".example.com",
    "evil.test",
    "8443",
    "%2e",
    "\u3002",
    "\0",
  ];
  const anyOrigin = fc
    .array(fc.constantFrom(...PARTS), { maxLength: 8 })
    .map((parts) => `https://${parts.join("")}`);
  const lists = fc.subarray(
    ["https://example.com", "https://*.example.com", "http://www.example.com:8443"],
    { minLength: 1 },
  );

  test("what is allowed is an origin as browsers write it, of a site on the list", () => {
    fc.assert(
      fc.property(anyOrigin, lists, (origin, list) => {
        if (!checkOf(...list)(origin)) return;
        const { origin: written, hostname, port } = new URL(origin);
        expect(written).toBe(origin);
        const isListed = list.includes(origin);
        const isBelow = hostname.endsWith(".example.com") && port === "";
        expect(isListed || (isBelow && list.includes("https://*.example.com"))).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  test("an entry that the list accepts allows no other site than it says", () => {
    const visited = [
      "https://evil.test",
      "https://example.com.evil.test",
      "https://a.b.com",
      "null",
    ];
    fc.assert(
      fc.property(anyOrigin, fc.constantFrom(...visited), (text, origin) => {
        const pattern = parseOriginPattern(text);
        if (pattern === undefined || text.includes(origin.replace("https://", ""))) return;
        const host = text.replace(/^https:\/\/(?:\*\.)?/, "").toLowerCase();
        const isSaid = origin.endsWith(`.${host}`) || origin === `https://${host}`;
        expect(createOriginCheck([pattern])(origin)).toBe(isSaid && text.includes("*"));
      }),
      { numRuns: 2000 },
    );
  });
});

test("an empty list of origins allows nobody", () => {
  fc.assert(fc.property(fc.string(), (origin) => !createOriginCheck([])(origin)));
});

test("only the origins on the list are allowed", () => {
  const isAllowed = checkOf("https://www.example.com");
  const anything = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype)),
    fc.string().map((suffix) => `https://www.example.com${suffix}`),
    fc.string().map((prefix) => `${prefix}https://www.example.com`),
  );
  fc.assert(
    fc.property(anything, (origin) => isAllowed(origin) === (origin === "https://www.example.com")),
    { numRuns: 1000 },
  );
});

test("* allows every origin, even the opaque one", () => {
  const isAllowed = createOriginCheck("*");
  expect([isAllowed("https://anywhere.example"), isAllowed("null")]).toEqual([true, true]);
});

describe("the server's own origin", () => {
  const PAGE = "/dashboard/logout";
  const isOwn = (origin: string, url: string, publicUrl?: string) =>
    createOwnOriginCheck({ publicUrl, hasDemoPage: false })(origin, {
      path: new URL(url).pathname,
      url,
    });

  test.each([
    ["http://localhost:4000", `http://localhost:4000${PAGE}`],
    ["http://[::1]:4000", `http://[::1]:4000${PAGE}`],
    // TLS ends at a proxy: the browser's scheme is not the one that arrives.
    ["https://chat.example.com", `http://chat.example.com${PAGE}`],
    ["https://chat.example.com", `http://chat.example.com:80${PAGE}`],
    ["https://chat.example.com:8443", `http://chat.example.com:8443${PAGE}`],
  ])("%p is, for a page of the dashboard at %p", (origin, url) => {
    expect(isOwn(origin, url)).toBe(true);
  });

  test.each([
    ["https://evil.example", `http://chat.example.com${PAGE}`],
    ["https://chat.example.com.evil.example", `http://chat.example.com${PAGE}`],
    ["https://evil-chat.example.com", `http://chat.example.com${PAGE}`],
    ["https://www.example.com", `http://chat.example.com${PAGE}`],
    ["http://localhost:4001", `http://localhost:4000${PAGE}`],
    ["null", `http://null${PAGE}`],
    ["", `http://chat.example.com${PAGE}`],
    ["chat.example.com", `http://chat.example.com${PAGE}`],
    ["ftp://chat.example.com", `http://chat.example.com${PAGE}`],
    ["https://chat.example.com/", `http://chat.example.com${PAGE}`],
    ["https://user@chat.example.com", `http://chat.example.com${PAGE}`],
    ["https://chat.example.com, https://evil.example", `http://chat.example.com${PAGE}`],
  ])("%p is not, for a page of the dashboard at %p", (origin, url) => {
    expect(isOwn(origin, url)).toBe(false);
  });

  test("is the host that the browser connected to for the dashboard only", () => {
    for (const path of ["/", "/v1/chat", "/dashboardx", "/v1/admin/conversations"]) {
      expect(isOwn("http://localhost", `http://localhost${path}`)).toBe(false);
    }
    expect(isOwn("http://localhost", "http://localhost/dashboard")).toBe(true);
  });

  test("is PUBLIC_URL everywhere, also behind a proxy that hides the host", () => {
    const PUBLIC_URL = "https://chat.example.com/porch";
    for (const path of ["/", "/v1/chat", PAGE]) {
      const url = `http://127.0.0.1:4000${path}`;
      expect(isOwn("https://chat.example.com", url, PUBLIC_URL)).toBe(true);
      expect(isOwn("http://chat.example.com", url, PUBLIC_URL)).toBe(false);
      expect(isOwn("https://example.com", url, PUBLIC_URL)).toBe(false);
    }
  });

  test("is never that of another host", () => {
    const label = fc.constantFrom("chat", "evil", "a", "xn--bcher-kva", "localhost");
    const host = fc
      .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.constantFrom("", ":4000", ":8443"))
      .map(([labels, port]) => `${labels.join(".")}${port}`);
    const noise = fc.constantFrom("", "", "/", "@", "#", "?", "\\", "%00", ":", " ", ".");
    fc.assert(
      fc.property(host, host, noise, noise, (own, other, before, after) => {
        const origin = `https://${before}${other}${after}`;
        const isSame = own === other && before === "" && after === "";
        expect(isOwn(origin, `http://${own}${PAGE}`)).toBe(isSame);
      }),
      { numRuns: 1000 },
    );
  });

  test("is not a text that is no origin", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isOwn(text, `http://localhost${PAGE}`)).toBe(false);
      }),
    );
  });
});
