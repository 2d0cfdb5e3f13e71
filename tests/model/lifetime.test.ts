import { expect, test } from "bun:test";

import { answer, startModelServer } from "../../harness/model-server.ts";
import { findShutdown } from "../../src/model/catalogue.ts";
import { createModelLifetime } from "../../src/model/lifetime.ts";
import { openAiSettings } from "../support/test-app.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

test("a model's shutdown date is asked for only when a page needs it, and at most once a day", async () => {
  let asked = 0;
  let now = 0;
  const endsAt = createModelLifetime(
    async () => {
      asked += 1;
      return asked * 1000;
    },
    () => now,
  );
  expect(asked).toBe(0);
  expect([await endsAt(), await endsAt()]).toEqual([1000, 1000]);
  now = DAY_MS - 1;
  expect(await endsAt()).toBe(1000);
  now = DAY_MS;
  expect(await endsAt()).toBe(2000);
  expect(asked).toBe(2);
});

test("a page does not wait long for a provider that does not answer, and a later page has the date", async () => {
  const found = Promise.withResolvers<number>();
  const endsAt = createModelLifetime(
    () => found.promise,
    () => 0,
  );
  expect(await endsAt()).toBe(undefined);
  found.resolve(7);
  await found.promise;
  expect(await endsAt()).toBe(7);
});

test.each([
  ["that knows no such address", () => new Response("no", { status: 404 })],
  ["that says nothing of an end", () => Response.json({ id: "test-model", object: "model" })],
  ["that sends a web page", () => new Response("<html>")],
  ["that redirects", () => Response.redirect("http://127.0.0.1:9/")],
  ["that refuses the key", () => Response.json({ shutdown_date: "2027-01-14" }, { status: 401 })],
])("the question for a model's shutdown date does not fail with a server %s", async (_, get) => {
  const server = startModelServer(answer("Hi"));
  server.get = get;
  try {
    expect(await findShutdown(openAiSettings(server.url))).toBe(undefined);
  } finally {
    await server.stop();
  }
});

test("the question for a model's shutdown date does not fail when the server cannot be reached", async () => {
  expect(await findShutdown(openAiSettings("http://127.0.0.1:9/v1"))).toBe(undefined);
});

test("the address of a model keeps the query of OPENAI_BASE_URL, and its key and headers are sent", async () => {
  const seen: string[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname, search } = new URL(request.url);
      seen.push(pathname + search, request.headers.get("authorization") ?? "none");
      seen.push(request.headers.get("x-gateway") ?? "none");
      return Response.json({ shutdown_date: "2027-01-14" });
    },
  });
  const settings = openAiSettings(`http://127.0.0.1:${server.port}/openai?api-version=1`);
  const headers = { "x-gateway": "secret" };
  expect(await findShutdown({ ...settings, headers })).toBe(Date.parse("2027-01-14"));
  expect(seen).toEqual(["/openai/models/test-model?api-version=1", "Bearer sk-upstream", "secret"]);
  await server.stop(true);
});
