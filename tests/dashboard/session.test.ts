import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { createSetPassword } from "../../src/dashboard/owner-password.ts";
import { createSessionCookie, OwnerSessions } from "../../src/dashboard/session.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/store.ts";
import { FakeClock } from "../support/fake-clock.ts";

const HOUR_MS = 60 * 60 * 1000;
const PASSWORD = "a password of the owner";

let store: Store;
let clock: FakeClock;
let sessions: OwnerSessions;

function start(password = PASSWORD): OwnerSessions {
  return new OwnerSessions({ store, password: createSetPassword(password), now: clock.now });
}

async function logIn(): Promise<string> {
  const token = await sessions.begin(PASSWORD);
  if (token === undefined) throw new Error("The password was refused.");
  return token;
}

async function isAlive(token: string, isUse = true): Promise<boolean> {
  return (await sessions.find(token, isUse)) !== undefined;
}

beforeEach(() => {
  store = openSqliteStore(":memory:");
  clock = new FakeClock();
  sessions = start();
});
afterEach(() => store.close());

describe("a dashboard session", () => {
  test("is begun by the password and by nothing else", async () => {
    for (const wrong of ["", PASSWORD.slice(1), `${PASSWORD} `, PASSWORD.toUpperCase()]) {
      expect(await sessions.begin(wrong)).toBeUndefined();
    }
    expect(await isAlive(await logIn())).toBe(true);
  });

  test("has a token of 256 random bits that is new every time", async () => {
    const tokens = new Set<string>();
    for (let i = 0; i < 100; i++) tokens.add(await logIn());
    expect(tokens.size).toBe(100);
    for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
  });

  test("is not found by a guessed token", async () => {
    const token = await logIn();
    for (const wrong of ["", "x", token.slice(1), `${token}A`, token.toLowerCase()]) {
      expect(await isAlive(wrong)).toBe(false);
    }
  });

  test("is stored without its token and without anything that reveals the password", async () => {
    const saved: unknown[] = [];
    const watched = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => {
          if (name === "saveOwnerSession") saved.push(...args);
          return Reflect.apply(member, target, args);
        };
      },
    });
    const observed = new OwnerSessions({
      store: watched,
      password: createSetPassword(PASSWORD),
      now: clock.now,
    });
    const token = (await observed.begin(PASSWORD)) ?? "";
    expect(saved).toHaveLength(1);
    expect(JSON.stringify(saved)).not.toContain(token);
    expect(JSON.stringify(saved)).not.toContain(PASSWORD);
  });

  test("stays ended when a use of it was under way while the owner logged out", async () => {
    const late = new Proxy(store, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return async (...args: unknown[]) => {
          const result: unknown = await Reflect.apply(member, target, args);
          // Another tab's logout is stored after the session was read and before its use is stored.
          if (name === "findOwnerSession") await target.deleteOwnerSession(String(args[0]));
          return result;
        };
      },
    });
    const token = await logIn();
    clock.advance(HOUR_MS);
    const slow = new OwnerSessions({
      store: late,
      password: createSetPassword(PASSWORD),
      now: clock.now,
    });
    expect(await slow.find(token, true)).toBeUndefined();
    expect(await isAlive(token)).toBe(false);
  });

  test("ends after 24 hours without a use", async () => {
    const token = await logIn();
    clock.advance(24 * HOUR_MS);
    expect(await isAlive(token)).toBe(true);
    clock.advance(24 * HOUR_MS + 1);
    expect(await isAlive(token)).toBe(false);
    clock.advance(-HOUR_MS);
    expect(await isAlive(token)).toBe(false);
  });

  test("ends after 7 days however much it is used", async () => {
    const token = await logIn();
    for (let hours = 0; hours < 7 * 24; hours += 12) {
      expect(await isAlive(token)).toBe(true);
      clock.advance(12 * HOUR_MS);
    }
    expect(await isAlive(token)).toBe(true);
    clock.advance(1);
    expect(await isAlive(token)).toBe(false);
  });

  test("survives a clock that is set a day forwards or backwards", async () => {
    const token = await logIn();
    for (const hours of [-24, 24, 24, -24]) {
      clock.advance(hours * HOUR_MS);
      expect(await isAlive(token)).toBe(true);
    }
  });

  test("ends 24 hours after its last use, even if the clock was behind then", async () => {
    const token = await logIn();
    clock.advance(-12 * HOUR_MS);
    expect(await isAlive(token)).toBe(true);
    clock.advance(24 * HOUR_MS + 1);
    expect(await isAlive(token)).toBe(false);
  });

  test("does not live for years because a wrong clock was years ahead", async () => {
    clock.advance(3650 * 24 * HOUR_MS);
    const token = await logIn();
    clock.advance(-3650 * 24 * HOUR_MS);
    expect(await isAlive(token)).toBe(false);
  });

  test("is not prolonged by the requests that a page sends by itself", async () => {
    const token = await logIn();
    for (let hours = 0; hours < 24; hours++) {
      expect(await isAlive(token, false)).toBe(true);
      clock.advance(HOUR_MS);
    }
    clock.advance(1);
    expect(await isAlive(token, false)).toBe(false);
  });

  test("ends alone when it is ended, while others go on", async () => {
    const [one, other] = [await logIn(), await logIn()];
    await sessions.end(one);
    expect([await isAlive(one), await isAlive(other)]).toEqual([false, true]);
  });

  test("ends with the password it was begun with", async () => {
    const token = await logIn();
    expect(await start("another password").find(token, true)).toBeUndefined();
    expect(await start().find(token, true)).toBeDefined();
  });

  test("survives a restart of the process", async () => {
    const token = await logIn();
    expect(await start().find(token, true)).toBeDefined();
  });

  test("has a form token of its own", async () => {
    const [one, other] = [await logIn(), await logIn()];
    const first = await sessions.find(one, true);
    expect(first?.formToken).toBe((await sessions.find(one, true))?.formToken ?? "");
    expect(first?.formToken).not.toBe((await sessions.find(other, true))?.formToken ?? "");
    expect(first?.formToken).not.toContain(one);
  });
});

describe("the session's cookie", () => {
  const HTTPS = new Request("http://chat.example.com/", {
    headers: { origin: "https://chat.example.com" },
  });

  test.each(["http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"])(
    "in production works without TLS from the server's own machine, at %s",
    (origin) => {
      const cookie = createSessionCookie({ environment: "production", basePath: "" });
      const request = new Request(origin, { headers: { origin } });
      const written = cookie.write("token", request);
      expect(written).toBe("chatporch=token; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
      expect(cookie.clear(request)).toStartWith("chatporch=; ");
      expect(cookie.read(new Request(origin, { headers: { cookie: written } }))).toEqual(["token"]);
    },
  );

  test.each(["https://localhost.example.com", "http://chat.example.com", "null", "http://"])(
    "in production needs TLS anywhere else, such as %s",
    (origin) => {
      const cookie = createSessionCookie({ environment: "production", basePath: "" });
      const request = new Request("http://localhost/", { headers: { origin } });
      expect(cookie.write("token", request)).toContain("; Secure");
    },
  );

  test("in production is bound to the host and to TLS", () => {
    const cookie = createSessionCookie({ environment: "production", basePath: "" });
    expect(cookie.write("token", HTTPS)).toBe(
      "__Host-chatporch=token; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=604800",
    );
    expect(cookie.clear(HTTPS)).toBe(
      "__Host-chatporch=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
    );
  });

  test("in development works without TLS", () => {
    expect(
      createSessionCookie({ environment: "development", basePath: "" }).write("token", HTTPS),
    ).toBe("chatporch=token; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
  });

  test("has another name under another path, so that two servers of one host keep their logins", () => {
    const write = (basePath: string) =>
      createSessionCookie({ environment: "production", basePath }).write("token", HTTPS);
    expect(write("/help/chat")).toBe(
      "__Host-chatporch!help!chat=token; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=604800",
    );
    const request = new Request("http://localhost/", { headers: { cookie: write("/one") } });
    for (const [basePath, tokens] of [
      ["/one", ["token"]],
      ["/two", []],
      ["", []],
    ] as const) {
      expect(createSessionCookie({ environment: "production", basePath }).read(request)).toEqual(
        tokens,
      );
    }
  });

  test.each([
    ["__Host-chatporch=abc", ["abc"]],
    ["a=1; __Host-chatporch=abc; b=2", ["abc"]],
    ["chatporch=abc", []],
    ["", []],
    ["=;;%%%; __Host-chatporch", []],
  ])("is read from %p as %p", (header, tokens) => {
    const request = new Request("http://chat.example.com/", { headers: { cookie: header } });
    expect(createSessionCookie({ environment: "production", basePath: "" }).read(request)).toEqual(
      tokens,
    );
  });
});
