import { afterEach, expect, test } from "bun:test";

import { AppError } from "../../src/errors.ts";
import { ArrivingBody } from "../../src/http/arriving-body.ts";

const MB = 1024 * 1024;
const bodies: ArrivingBody[] = [];

afterEach(() => {
  for (const body of bodies.splice(0)) body.leave();
});

function arrive(client: string, bytes: number): ArrivingBody {
  const body = new ArrivingBody(client);
  bodies.push(body);
  body.grow(bytes);
  return body;
}

function refusalOf(client: string, bytes: number): unknown {
  try {
    arrive(client, bytes);
    return undefined;
  } catch (error) {
    return error instanceof AppError ? [error.code, error.headers.connection] : error;
  }
}

test("an address has 16 MB, and gets back what it leaves", () => {
  const first = arrive("192.0.2.1", 15 * MB);
  expect(refusalOf("192.0.2.1", 2 * MB)).toEqual(["rate_limited", "close"]);
  expect(refusalOf("192.0.2.2", 2 * MB)).toBeUndefined();
  first.leave();
  first.leave();
  expect(refusalOf("192.0.2.1", 15 * MB)).toBeUndefined();
});

test("all addresses have 128 MB together", () => {
  for (let n = 1; n <= 8; n++) arrive(`192.0.2.${n}`, 16 * MB);
  expect(refusalOf("192.0.2.9", 1)).toEqual(["overloaded", "close"]);
  bodies[0]?.leave();
  expect(refusalOf("192.0.2.9", 16 * MB)).toBeUndefined();
});

test("a body counts for 16 KB at least, and once for what it grows to", () => {
  for (let n = 0; n < 1024; n++) arrive("192.0.2.1", 1);
  expect(refusalOf("192.0.2.1", 1)).toEqual(["rate_limited", "close"]);
  bodies[0]?.leave();
  const body = arrive("192.0.2.1", 1);
  for (let bytes = 0; bytes <= 16 * 1024; bytes += 1024) body.grow(bytes);
  expect(refusalOf("192.0.2.1", 1)).toEqual(["rate_limited", "close"]);
});
