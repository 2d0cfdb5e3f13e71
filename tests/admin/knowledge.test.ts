import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { MAX_NOTE_LENGTH, MAX_TITLE_LENGTH } from "../../src/knowledge/entry-limits.ts";
import { MAX_SECTIONS } from "../../src/store/knowledge-store.ts";
import { askAdmin } from "../support/admin-requests.ts";
import { addSource, foundTexts, newDocument, section } from "../support/stored-knowledge.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

let app: TestApp;

beforeEach(() => {
  app = createTestApp();
});
afterEach(() => app.close());

interface Answer {
  readonly status: number;
  /** Of JSON; undefined where there is none. */
  readonly body: Record<string, unknown> & {
    readonly code?: string;
    readonly id?: number;
    readonly details?: readonly { readonly path: string; readonly message: string }[];
  };
}

async function send(method: string, path: string, body?: object): Promise<Answer> {
  const headers = { "x-admin-api-key": "admin-key-for-tests-01234567890" };
  const response = await askAdmin(app, `/v1/admin/knowledge${path}`, {
    method,
    headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** The field and the sentence of a refusal. */
function refusalOf({ status, body }: Answer): string {
  expect([status, body.code]).toEqual([400, "invalid_request"]);
  return `${body.details?.[0]?.path}: ${body.details?.[0]?.message}`;
}

describe("the sources of the admin API", () => {
  test.each([
    ["https://www.example.com", "https://www.example.com/"],
    ["  www.example.com/docs/  ", "https://www.example.com/docs/"],
    ["HTTP://WWW.Example.com:80/a?b=c&utm_source=x#d", "http://www.example.com/a?b=c"],
    ["localhost:8080/docs", "http://localhost:8080/docs"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080/"],
    ["münchen.example", "https://xn--mnchen-3ya.example/"],
  ])("take %s for %s", async (address, uri) => {
    const { status, body } = await send("POST", "/sources", { kind: "site", address });
    expect([status, body["uri"], body["nextAt"]]).toEqual([201, uri, app.clock.now()]);
  });

  test.each([
    [{ address: " " }, "/address: The address is missing."],
    [{ address: "ftp://example.com/" }, "/address: Only addresses that begin with https://"],
    [{ address: "javascript:alert(1)" }, "/address: Only addresses that begin with https://"],
    [{ address: "two words" }, "/address: This is not the address of a web page."],
    [{ address: "https://owner:secret@example.com/" }, "/address: Its address has a user name"],
    [{ only: "https://other.example/" }, "/only: This is not on the same website."],
    [{ everyHours: 0 }, "/everyHours: a whole number of hours from 1 to 8760"],
    [{ everyHours: 9000 }, "/everyHours: a whole number of hours from 1 to 8760"],
    [{ kind: "notes" }, "/kind: site for every page"],
  ])("refuse %o in words, and change nothing", async (body, problem) => {
    const whole = { kind: "site", address: "https://example.com/", ...body };
    expect(refusalOf(await send("POST", "/sources", whole))).toStartWith(problem);
    expect(await app.store.listSources()).toEqual([]);
  });

  test("are read again with new options when they are added again", async () => {
    const address = "https://example.com/docs/";
    const first = await send("POST", "/sources", { kind: "site", address });
    app.clock.advance(1000);
    const options = { everyHours: null, only: `${address}en/`, ignoresRobots: true };
    const again = await send("POST", "/sources", { kind: "site", address, ...options });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toMatchObject({ id: first.body.id, ...options, nextAt: app.clock.now() });
    const [source, ...others] = await app.store.listSources();
    expect(others).toEqual([]);
    expect(source).toMatchObject({ everyHours: undefined, only: `${address}en/` });
    expect(refusalOf(await send("POST", "/sources", { kind: "page", address }))).toContain(
      "is there as a website",
    );
  });

  test("can be read again now, and forgotten with what they had", async () => {
    const { id } = await addSource(app.store, { nextAt: undefined });
    await app.store.putDocument(newDocument({ sourceId: id }));
    expect((await send("POST", `/sources/${id}/refresh`)).body).toMatchObject({
      nextAt: app.clock.now(),
    });
    expect((await app.store.findSource(id))?.nextAt).toBe(app.clock.now());
    expect((await send("DELETE", `/sources/${id}`)).status).toBe(204);
    expect(await foundTexts(app.store, "Norway")).toEqual([]);
    for (const [method, path] of [
      ["DELETE", `/sources/${id}`],
      ["POST", `/sources/${id}/refresh`],
      ["DELETE", "/documents/1"],
      ["PUT", "/notes/1"],
    ] as const) {
      const body = method === "PUT" ? { title: "A", text: "B" } : undefined;
      expect([path, (await send(method, path, body)).status]).toEqual([path, 404]);
    }
  });
});

describe("the documents of the admin API", () => {
  test("are listed by source, status and a part of their names, page by page", async () => {
    const { id } = await addSource(app.store);
    for (const name of ["a", "b", "c"]) {
      const uri = `https://shop.example/${name}`;
      await app.store.putDocument(newDocument({ sourceId: id, uri, title: name.toUpperCase() }));
    }
    const titles = async (query: string) => {
      const { body } = await send("GET", `/documents?${query}`);
      const documents = body["documents"] as { title: string; id: number }[];
      return { titles: documents.map(({ title }) => title).join(""), total: body["total"] };
    };
    expect(await titles("limit=2")).toEqual({ titles: "AB", total: 3 });
    const [, second] = (await app.store.listDocuments({ limit: 2 })).documents;
    expect(await titles(`limit=2&after=${second?.id}`)).toEqual({ titles: "C", total: 3 });
    expect(await titles(`source=${id}&status=ok&q=EXAMPLE/b`)).toEqual({ titles: "B", total: 1 });
    expect(await titles(`source=${id + 1}`)).toEqual({ titles: "", total: 0 });
    for (const query of ["limit=0", "status=gone", "source=1e3", "page=2"]) {
      expect((await send("GET", `/documents?${query}`)).status).toBe(400);
    }
  });

  test("are searched while they are on, and no longer when they are off or removed", async () => {
    const { id: sourceId } = await addSource(app.store);
    await app.store.putDocument(newDocument({ sourceId }));
    const [document] = (await app.store.listDocuments({ limit: 1 })).documents;
    const path = `/documents/${document?.id}`;
    expect((await send("PATCH", path, { isOff: true })).body["status"]).toBe("off");
    expect(await foundTexts(app.store, "Norway")).toEqual([]);
    expect((await send("PATCH", path, { isOff: false })).body["status"]).toBe("ok");
    expect(await foundTexts(app.store, "Norway")).toHaveLength(1);
    expect((await send("DELETE", path)).status).toBe(204);
    expect(await foundTexts(app.store, "Norway")).toEqual([]);
    expect((await send("PATCH", path, { isOff: true })).status).toBe(404);
  });

  test("that a program pushes are read by their format, and replace what was pushed before", async () => {
    const url = "https://shop.example/faq?utm_source=cms";
    const page = { url, text: "# Help\n\nWe ship to Peru.", format: "markdown" };
    const first = await send("PUT", "/documents", page);
    expect([first.status, first.body["title"], first.body["uri"]]).toEqual([
      201,
      "Help",
      "https://shop.example/faq",
    ]);
    expect(await foundTexts(app.store, "Peru")).toEqual(["We ship to Peru."]);
    const html = "<title>FAQ</title><main><p>We ship to Chile.</p></main>";
    const second = await send("PUT", "/documents", { url, text: html, format: "html", title: "Q" });
    expect([second.status, second.body["title"]]).toEqual([200, "Q"]);
    expect(second.body.id).toBe(first.body.id);
    expect(await foundTexts(app.store, "Peru ship")).toEqual(["We ship to Chile."]);
  });

  test("that cannot be pushed are refused in words", async () => {
    const { id: sourceId } = await addSource(app.store);
    await app.store.putDocument(newDocument({ sourceId }));
    const push = (body: object) => send("PUT", "/documents", { text: "Some text.", ...body });
    const taken = { url: "https://shop.example/shipping" };
    expect(refusalOf(await push(taken))).toStartWith("/url: This page is read from a website");
    expect(refusalOf(await push({ url: "nowhere at all" }))).toContain("not the address");
    const empty = { url: "https://a.example/", text: "<script>1</script>", format: "html" };
    expect(refusalOf(await push(empty))).toContain("There is no text in it");
    expect((await push({ url: "https://a.example/", format: "pdf" })).status).toBe(400);
    expect(await foundTexts(app.store, "Norway")).toHaveLength(1);
  });
});

describe("the notes of the admin API", () => {
  test("are searched at once, and changed in their place", async () => {
    const note = { title: "Do you ship to Norway?", text: "Yes,\r\nwithin three days." };
    const added = await send("POST", "/notes", note);
    expect(added).toMatchObject({ status: 201, body: { title: note.title, status: "ok" } });
    expect(await app.store.findOriginal(added.body.id ?? 0)).toBe("Yes,\nwithin three days.");
    const text = "No, and to Sweden neither.";
    const changed = await send("PUT", `/notes/${added.body.id}`, { ...note, text });
    expect(changed).toMatchObject({ status: 200, body: { id: added.body.id } });
    expect(await foundTexts(app.store, "Norway")).toEqual([text]);
    expect(await app.store.listSources()).toHaveLength(1);
  });

  test("without a title or a text, or with too long ones, are refused", async () => {
    const write = (body: object) => send("POST", "/notes", { title: "A", text: "B", ...body });
    expect(refusalOf(await write({ title: " \n " }))).toBe("/title: The title is missing.");
    expect(refusalOf(await write({ text: " " }))).toBe("/text: The text is missing.");
    expect((await write({ title: "a".repeat(MAX_TITLE_LENGTH + 1) })).status).toBe(400);
    expect((await write({ text: "a".repeat(MAX_NOTE_LENGTH + 1) })).status).toBe(400);
    expect(await app.store.listSources()).toEqual([]);
  });

  test("are refused with knowledge_full when there is no room, and leave nothing behind", async () => {
    const { id: sourceId } = await addSource(app.store);
    const sections = Array.from({ length: 400 }, (_, index) => section(`Word ${index}.`));
    for (let n = 0; n < MAX_SECTIONS / sections.length; n += 1) {
      await app.store.putDocument(
        newDocument({ sourceId, uri: `https://a.example/${n}`, sections }),
      );
    }
    const refused = await send("POST", "/notes", { title: "One", text: "More." });
    expect([refused.status, refused.body.code]).toEqual([409, "knowledge_full"]);
    expect((await app.store.listDocuments({ limit: 1, search: "note:" })).total).toBe(0);
  });

  test("are refused with database_full while the database has no room", async () => {
    await app.close();
    app = createTestApp({ config: { database: { maxBytes: 1 } } });
    const note = await send("POST", "/notes", { title: "One", text: "More." });
    const source = await send("POST", "/sources", { kind: "site", address: "a.example" });
    expect([note.body.code, source.body.code]).toEqual(["database_full", "database_full"]);
    expect(await app.store.listSources()).toEqual([]);
  });
});

describe("the search of the admin API", () => {
  test("shows which sections a question finds, where its words stand, and what would not be given", async () => {
    const { id: sourceId } = await addSource(app.store);
    for (const place of ["Norway", "Sweden"]) {
      const sections = [section(`Parcels to ${place} take three days.`, "Abroad")];
      const uri = `https://shop.example/${place}`;
      await app.store.putDocument(newDocument({ sourceId, uri, title: place, sections }));
    }
    await app.settings.change({ KNOWLEDGE_WORDS: "7" }, { by: "the owner" });
    const { body } = await send("GET", "/search?q=parcels%20norway");
    expect(body["sections"]).toMatchObject([
      {
        title: "Norway",
        heading: "Abroad",
        isGiven: true,
        matches: { title: [{ start: 0, end: 6 }], text: [{ start: 0, end: 7 }, { start: 11 }] },
      },
      { title: "Sweden", isGiven: false },
    ]);
    const followUp = await send("GET", "/search?q=And%20to%20Sweden%3F&before=parcels");
    expect(followUp.body["sections"]).toMatchObject([{ title: "Sweden" }, { title: "Norway" }]);
    expect((await send("GET", "/search?q=")).status).toBe(400);
    expect((await send("GET", `/search?q=${"a".repeat(4001)}`)).status).toBe(400);
  });
});
