import { expect, test } from "bun:test";

import { AppError } from "../../src/errors.ts";
import { type ArrivingBody, BodyPool } from "../../src/http/body-pool.ts";
import { networksOf } from "../../src/net/client-networks.ts";
import { parseIpAddress } from "../../src/net/ip-address.ts";

const KB = 1024;
const MB = 1024 * KB;

function open() {
  const pool = new BodyPool({ maxBytes: 128 * MB, maxBytesPerAddress: 16 * MB });
  const ended: ArrivingBody[] = [];

  function arrive(address: string, bytes: number): ArrivingBody {
    const networks = networksOf(parseIpAddress(address) ?? []);
    const body: ArrivingBody = pool.enter(networks, () => ended.push(body));
    try {
      body.grow(bytes);
    } catch (error) {
      body.leave();
      throw error;
    }
    return body;
  }

  function refusalOf(address: string, bytes: number): unknown {
    try {
      arrive(address, bytes);
      return undefined;
    } catch (error) {
      return error instanceof AppError ? [error.code, error.headers.connection] : error;
    }
  }

  return { arrive, refusalOf, ended };
}

test("the bodies of an address have 16 MB, and give their room back when they leave", () => {
  const { arrive, refusalOf } = open();
  const first = arrive("192.0.2.1", 15 * MB);
  expect(refusalOf("192.0.2.1", 2 * MB)).toEqual(["rate_limited", "close"]);
  expect(refusalOf("192.0.2.2", 2 * MB)).toBeUndefined();
  first.leave();
  first.leave();
  expect(refusalOf("192.0.2.1", 15 * MB)).toBeUndefined();
});

test("the bodies of a /48 have sixteen times the room of a /64, and those of a /56 four times", () => {
  const { refusalOf } = open();
  const refused = (addresses: string[]) => addresses.map((each) => refusalOf(each, 8 * MB));
  const within = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${prefix}${n.toString(16)}::1`);
  expect(refused(within("2001:db8:1:", 8)).every((refusal) => refusal === undefined)).toBe(true);
  expect(refused(["2001:db8:1:ff::1"])).toEqual([["rate_limited", "close"]]);
  expect(refused(["2001:db8:1:100::1"])).toEqual([undefined]);
});

test("a full pool makes room by ending the body that stood still longest, not by refusing a new one", () => {
  const { arrive, refusalOf, ended } = open();
  const bodies = Array.from({ length: 8 }, (_, n) => arrive(`192.0.2.${n}`, 16 * MB));
  // All bodies but the second grow.
  for (const body of bodies.filter((_, n) => n !== 1)) body.grow(16 * MB);
  expect(refusalOf("198.51.100.1", 1)).toBeUndefined();
  expect(ended.map((body) => bodies.indexOf(body))).toEqual([1]);
  // A body that was ended takes no room any more, however often it leaves.
  bodies[1]?.leave();
  expect(refusalOf("198.51.100.2", 15 * MB)).toBeUndefined();
  expect(ended).toHaveLength(1);
});

test("a body that was ended cannot grow any more", () => {
  const { arrive, ended } = open();
  const bodies = Array.from({ length: 9 }, (_, n) => arrive(`192.0.2.${n}`, 15 * MB));
  expect(ended.map((body) => bodies.indexOf(body))).toEqual([0]);
  expect(() => ended[0]?.grow(16 * MB)).toThrow(new AppError("overloaded"));
});

test("a body counts as 16 KB at least, and each byte that it grows by counts once", () => {
  const { arrive, refusalOf } = open();
  const bodies = Array.from({ length: 1024 }, () => arrive("192.0.2.1", 1));
  expect(refusalOf("192.0.2.1", 1)).toEqual(["rate_limited", "close"]);
  bodies[0]?.leave();
  const body = arrive("192.0.2.1", 1);
  for (let bytes = 0; bytes <= 16 * KB; bytes += KB) body.grow(bytes);
  expect(refusalOf("192.0.2.1", 1)).toEqual(["rate_limited", "close"]);
});

test("a client that fills the pool with bodies that do not come delays nobody", () => {
  const { arrive, ended } = open();
  const held = Array.from({ length: 10_000 }, (_, n) => arrive(`10.0.${n >> 8}.${n & 0xff}`, 1));
  const question = arrive("198.51.100.1", 4 * KB);
  expect(ended).toHaveLength(held.length + 1 - (128 * MB) / (16 * KB));
  expect(ended).not.toContain(question);
});
