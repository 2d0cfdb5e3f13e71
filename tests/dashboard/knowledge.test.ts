import { afterEach, beforeEach, describe, expect, test } from "bun:test";

import { readAnswer } from "../support/answers.ts";
import { filesForm, openDashboard } from "../support/dashboard-requests.ts";
import { addSource, foundTexts, newDocument, section } from "../support/stored-knowledge.ts";
import { begin, newTurn, outcome } from "../support/stored-turns.ts";
import { createTestApp, type TestApp } from "../support/test-app.ts";

const PATH = "/dashboard/knowledge";

let app: TestApp;
let owner: Awaited<ReturnType<typeof openDashboard>>;

beforeEach(async () => {
  app = createTestApp();
  owner = await openDashboard(app);
});
afterEach(() => app.close());

function send(path: string, fields: Record<string, string>) {
  return owner.post(`${PATH}${path}`, { formToken: owner.formToken, ...fields });
}

async function show(path = "") {
  const { status, body } = await owner.get(`${PATH}${path}`);
  expect(status).toBe(200);
  return body;
}

async function locationAfter(path: string, fields: Record<string, string>) {
  const { status, headers } = await send(path, fields);
  expect(status).toBe(303);
  return headers.get("location");
}

async function storedSite() {
  const { id } = await addSource(app.store, { nextAt: undefined });
  await app.store.putDocument(newDocument({ sourceId: id }));
  const [document] = (await app.store.listDocuments({ limit: 1 })).documents;
  return { id, documentId: document?.id ?? 0 };
}

describe("the page of the sources", () => {
  test("begins with one field, and a pasted address is read at once", async () => {
    expect(await show()).toContain("Paste the address of your website");
    const fields = { action: "add", address: "www.shop.example", only: "", everyHours: "" };
    expect(await locationAfter("", fields)).toBe(`${PATH}?done=reading`);
    const [source] = await app.store.listSources();
    expect(source).toMatchObject({
      kind: "site",
      uri: "https://www.shop.example/",
      everyHours: "default",
    });
    const page = await show("?done=reading");
    expect(page).toContain("It is being read. You can watch it here.");
    expect(page).toContain(">www.shop.example<");
    expect(page).toContain('data-live="knowledge"');
  });

  test("comes back with what was entered and what is wrong with it", async () => {
    const wrong = [
      [{ address: "two <words>" }, "problem-address", "This is not the address of a web page."],
      [{ only: "https://other.example/" }, "problem-only", "This is not on the same website."],
      [{ everyHours: "-1" }, "problem-everyHours", "This must be a whole number"],
    ] as const;
    for (const [fields, id, sentence] of wrong) {
      const entered = { action: "add", address: "a.example", only: "", everyHours: "", ...fields };
      const { status, body } = await send("", entered);
      expect(status).toBe(400);
      expect(body).toContain(`id="${id}" role="alert">${sentence}`);
      expect(body.match(/aria-invalid="true" autofocus/g)).toHaveLength(1);
      expect(body).toContain(`value="${entered.address.replace("<words>", "&lt;words&gt;")}"`);
    }
    expect((await send("", { action: "other" })).status).toBe(400);
    expect(await app.store.listSources()).toEqual([]);
  });

  test("shows what each source has, what went wrong, and how full it is", async () => {
    const { id } = await storedSite();
    const note = { sourceId: id, isMissing: false, at: app.clock.now() } as const;
    const failed = {
      uri: "https://shop.example/a",
      status: "failed",
      reason: "It is gone.",
    } as const;
    await app.store.noteDocument({ ...note, ...failed });
    await app.store.endSource(id, {
      owner: "reader",
      at: app.clock.now(),
      error: "The website did not answer.",
      nextAt: undefined,
    });
    const page = await show();
    expect(page).toContain("The website did not answer.");
    expect(page).toContain("1 page<");
    expect(page).toMatch(
      new RegExp(`href="${PATH}/sources/${id}\\?status=failed#documents"[^>]+>1 failed<`),
    );
    expect(page).toContain("1 section of 50,000");
    expect(page).toContain("read again only on request");
  });

  test("draws the progress of a reading", async () => {
    const { id } = await storedSite();
    const address = "https://shop.example/<b>";
    app.learner.progress.report({ sourceId: id, read: 3, total: 12, address });
    const page = await show();
    expect(page).toContain(`data-reading="${id}"`);
    expect(page).toContain("3 of 12 pages found so far");
    expect(page).toContain('width="25"');
    expect(page).toContain("https://shop.example/&lt;b&gt;");
  });

  test("says when the settings use none of it", async () => {
    await storedSite();
    await app.settings.change({ KNOWLEDGE_MODE: "off" }, { by: "the owner" });
    expect(await show()).toContain("The model gets none of this");
  });
});

describe("the page of a source", () => {
  test("has it read again, in another way, and forgets it", async () => {
    const { id } = await storedSite();
    const path = `/sources/${id}`;
    expect(await locationAfter(path, { action: "read" })).toBe(`${PATH}${path}?done=reading`);
    const only = "https://shop.example/en/";
    const options = { action: "options", only, everyHours: "0", ignoresRobots: "1" };
    expect(await locationAfter(path, options)).toBe(`${PATH}${path}?done=options`);
    expect(await app.store.findSource(id)).toMatchObject({
      only,
      everyHours: undefined,
      ignoresRobots: true,
    });
    expect(await show(path)).toContain(`value="${only}"`);
    expect((await send(path, { ...options, everyHours: "many" })).status).toBe(400);
    expect(await locationAfter(path, { action: "forget" })).toBe(`${PATH}?done=forgotten`);
    expect(await foundTexts(app.store, "Norway")).toEqual([]);
    expect((await owner.get(`${PATH}${path}`)).status).toBe(404);
    expect((await send(path, { action: "read" })).status).toBe(404);
    expect((await send(path, { action: "forget" })).status).toBe(404);
  });

  test("finds its documents by name and by what became of them", async () => {
    const { id } = await storedSite();
    const note = { sourceId: id, isMissing: false, at: app.clock.now() } as const;
    const uri = "https://shop.example/login";
    await app.store.noteDocument({ ...note, uri, status: "empty", reason: "Needs JavaScript?" });
    const path = `/sources/${id}`;
    const all = await show(path);
    expect([all.includes(">Shipping<"), all.includes("Needs JavaScript?")]).toEqual([true, true]);
    const empty = await show(`${path}?status=empty`);
    expect([empty.includes(">Shipping<"), empty.includes("Needs JavaScript?")]).toEqual([
      false,
      true,
    ]);
    expect(await show(`${path}?q=SHOP`)).toContain("2 documents found");
    expect(await show(`${path}?q=login&status=empty`)).toContain("1 document found");
    expect(await show(`${path}?q=login&status=ok`)).toContain("0 documents found");
  });

  test("shows 50 documents a page", async () => {
    const { id } = await addSource(app.store);
    for (let n = 0; n < 51; n += 1) {
      const uri = `https://shop.example/${n}`;
      const sections = [section(`Text ${n}.`)];
      await app.store.putDocument(newDocument({ sourceId: id, uri, title: `Page ${n}`, sections }));
    }
    const first = await show(`/sources/${id}`);
    const [, next = ""] = /href="([^"]+)"\s*>Next</.exec(first) ?? [];
    expect(first).not.toContain(">Page 50<");
    const second = (await owner.get(next.replaceAll("&amp;", "&").split("#")[0] ?? "")).body;
    expect(second).toContain(">Page 50<");
    expect(second).not.toContain(">Page 49<");
  });
});

describe("the page of a document", () => {
  test("shows what was read of it, and takes it out of the search and back", async () => {
    const { id, documentId } = await storedSite();
    const path = `/documents/${documentId}`;
    expect(await show(path)).toContain("Parcels to Norway take three days.");
    expect(await locationAfter(path, { action: "off" })).toBe(`${PATH}${path}?done=off`);
    expect(await foundTexts(app.store, "Norway")).toEqual([]);
    expect(await show(path)).toContain("Switch on");
    await send(path, { action: "on" });
    expect(await foundTexts(app.store, "Norway")).toHaveLength(1);
    const after = await locationAfter(path, { action: "remove" });
    expect(after).toBe(`${PATH}/sources/${id}?done=removed`);
    expect((await owner.get(`${PATH}${path}`)).status).toBe(404);
  });
});

describe("the page of the notes", () => {
  test("stores, changes and removes a note", async () => {
    const note = { action: "save", title: "Do you ship to Norway?", text: "Yes." };
    expect(await locationAfter("/notes", note)).toBe(`${PATH}/notes?done=note`);
    const [stored] = (await app.store.listDocuments({ limit: 1 })).documents;
    const path = `/notes/${stored?.id}`;
    expect(await show("/notes")).toContain(`href="${PATH}${path}"`);
    expect(await show(path)).toContain(">\nYes.</textarea>");
    await send(path, { ...note, text: "No." });
    expect(await foundTexts(app.store, "Norway")).toEqual(["No."]);
    expect(await locationAfter(path, { action: "remove" })).toBe(`${PATH}/notes?done=removed`);
    expect(await foundTexts(app.store, "Norway")).toEqual([]);
    expect((await send(path, note)).status).toBe(404);
  });

  test("comes back with what was entered when something is missing", async () => {
    const { status, body } = await send("/notes", { action: "save", title: "", text: "Yes & no" });
    expect(status).toBe(400);
    expect(body).toContain('id="problem-title" role="alert">The title is missing.');
    expect(body).toContain("Yes &amp; no</textarea>");
  });

  test("edits notes only", async () => {
    const { documentId } = await storedSite();
    const path = `/notes/${documentId}`;
    expect((await owner.get(`${PATH}${path}`)).status).toBe(404);
    expect((await send(path, { action: "remove" })).status).toBe(404);
  });
});

describe("the page of the files", () => {
  async function upload(files: Record<string, string>) {
    const { headers, text } = filesForm({ formToken: owner.formToken }, files);
    const init = { method: "POST", headers: { cookie: owner.cookie, ...headers }, body: text };
    return readAnswer(await app.fetch(`${PATH}/files`, init));
  }

  test("reads files of text, each as a source, in place of the one with its name", async () => {
    const csv = "question,answer\nDo you ship to Peru?,Yes.\nDo you ship to Chile?,No.\n";
    const done = await upload({ "help.md": "# Help\n\nWe ship to Norway.", "faq.csv": csv });
    expect([done.status, done.headers.get("location")]).toEqual([303, `${PATH}?done=uploaded`]);
    const sources = await app.store.listSources();
    expect(sources.map(({ uri, documents }) => [uri, documents.ok])).toEqual([
      ["help.md", 1],
      ["faq.csv", 2],
    ]);
    await upload({ "faq.csv": csv.replace("No.", "Soon.").replace(/.*Peru.*\n/, "") });
    expect(await foundTexts(app.store, "Peru Chile")).toEqual(["Soon."]);
    expect(await app.store.listSources()).toHaveLength(2);
  });

  test("says what cannot be read and why, and reads the others", async () => {
    const { status, body } = await upload({
      "good.txt": "We ship to Norway.",
      "handbook.pdf": "%PDF-1.7",
      "picture.md": "\0\0",
      "what.exe": "MZ",
      "https:evil.example/<b>.txt": " ",
    });
    expect(status).toBe(400);
    expect(body).toContain("handbook.pdf</bdi>: Such files are read on the command line");
    expect(body).toContain("picture.md</bdi>: It is not text.");
    expect(body).toContain("what.exe</bdi>: Its kind is not known.");
    expect(body).toContain("https-evil.example-&lt;b&gt;.txt</bdi>: There is no text in it.");
    expect((await app.store.listSources()).map(({ uri }) => uri)).toEqual(["good.txt"]);
    const rows = Array.from({ length: 2001 }, (_, row) => `q${row},a${row}`).join("\n");
    expect((await upload({ "long.csv": `question,answer\n${rows}` })).body).toContain(
      "more than 2,000 entries",
    );
  });

  test("takes every kind that its field offers, an export of WordPress too", async () => {
    const page = await (
      await app.fetch(`${PATH}/files`, { headers: { cookie: owner.cookie } })
    ).text();
    const [, accepted = ""] = /accept="([^"]+)"/.exec(page) ?? [];
    expect(accepted.split(",")).toEqual(expect.arrayContaining([".md", ".csv", ".xml"]));
    expect(accepted.split(",")).not.toEqual(expect.arrayContaining([".pdf"]));
    const item = `<item><title>Zebras</title><link>https://x.test/z</link><wp:post_id>1</wp:post_id>
      <wp:post_type>post</wp:post_type><wp:status>publish</wp:status>
      <content:encoded><![CDATA[<p>They have stripes.</p>]]></content:encoded></item>`;
    const xml = `<?xml version="1.0"?><rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>${item}</channel></rss>`;
    expect((await upload({ "site.xml": xml })).status).toBe(303);
    expect(await foundTexts(app.store, "zebras")).toEqual(["They have stripes."]);
  });

  test("reads a file with a long name by its ending, which stays", async () => {
    await upload({ [`${"guide ".repeat(40)}.md`]: "# Zebras\n\nThey have stripes." });
    const [source] = await app.store.listSources();
    expect(source?.uri).toMatch(/^guide guide .*…\.md$/);
    expect(source?.uri).toHaveLength(120);
  });

  test("refuses no file, too many, too large ones, and a form without its token", async () => {
    expect((await upload({})).body).toContain("No file was chosen.");
    const many = Array.from({ length: 51 }, (_, file) => [`${file}.txt`, "Text."] as const);
    expect((await upload(Object.fromEntries(many))).status).toBe(400);
    expect((await upload({ "a.txt": "a".repeat(2 * 1024 * 1024) })).status).toBe(400);
    const { headers, text } = filesForm({}, { "a.txt": "Text." });
    const init = { method: "POST", headers: { cookie: owner.cookie, ...headers }, body: text };
    expect((await app.fetch(`${PATH}/files`, init)).status).toBe(403);
    const noBoundary = { cookie: owner.cookie, "content-type": "multipart/form-data; a=b" };
    expect((await app.fetch(`${PATH}/files`, { ...init, headers: noBoundary })).status).toBe(400);
    expect(await app.store.listSources()).toEqual([]);
  });
});

describe("the page to try a question", () => {
  test("shows what the model would be given, with the words that were found marked", async () => {
    const { id: sourceId } = await addSource(app.store);
    for (const place of ["Norway", "Sweden"]) {
      const sections = [section(`Parcels to <${place}> take three days.`, "Abroad")];
      const uri = `https://shop.example/${place}`;
      await app.store.putDocument(newDocument({ sourceId, uri, title: place, sections }));
    }
    await app.settings.change({ KNOWLEDGE_WORDS: "7" }, { by: "the owner" });
    const page = await show("/try?q=parcels+norway");
    expect(page).toMatch(/<mark>Norway<\/mark><\/a\s*> › Abroad/);
    expect(page).toContain("<mark>Parcels</mark> to &lt;<mark>Norway</mark>&gt; take");
    expect(page).toContain("1 section of at most 7 words");
    expect(page).toContain("Found but left out: 1 section");
    expect(await show("/try?q=And+to+Sweden%3F&before=parcels")).toContain("<mark>Sweden</mark>");
    expect(await show("/try?q=zebra")).toContain("No matches");
    expect(await show("/try")).not.toContain("Given to the model");
  });
});

describe("the page of questions without a good answer", () => {
  async function askInVain(question: string) {
    const turn = newTurn({ question, sessionId: question });
    const { conversationId } = await begin(app.store, turn);
    await app.store.finishTurn(turn.turnId, outcome({ grounding: "none", sources: [] }));
    return conversationId;
  }

  const keyIn = (page: string) => /name="key" value="([^"]+)"/.exec(page)?.[1] ?? "";

  test("lists them with their reasons and their other words, and takes them off", async () => {
    expect(await show("/questions")).toContain("Nothing here.");
    const conversationId = await askInVain("Do you ship to <Mars>?");
    await askInVain("Shipping to Mars?");
    const page = await show("/questions");
    expect(page).toContain('<p class="name" dir="auto">Shipping to Mars?</p>');
    expect(page).toContain("asked 2 times");
    expect(page).toContain("<span>not known</span>");
    expect(page).toContain('<q dir="auto">Do you ship to &lt;Mars&gt;?</q>');
    expect(page).toMatch(
      new RegExp(`/dashboard/conversations/${conversationId}\\?message=(\\d+)#m\\1"`),
    );
    const after = await locationAfter("/questions", { action: "ignore", key: keyIn(page) });
    expect(after).toBe(`${PATH}/questions?done=ignored`);
    expect(await show("/questions")).toContain("Nothing here.");
  });

  test("loses a question with its answer, and only when that is stored", async () => {
    await askInVain("Do you ship to Mars?");
    const [, path = ""] = /(\/questions\?answer=[^"]+)"/.exec(await show("/questions")) ?? [];
    const form = await show(path);
    expect(form).toContain('value="Do you ship to Mars?"');
    const key = keyIn(form);
    const entered = { action: "answer", question: "", answer: "No <b>.", key };
    const refused = await send("/questions", entered);
    expect(refused.body).toContain("The question is missing.");
    expect(refused.body).toContain("No &lt;b&gt;.");
    expect(keyIn(refused.body)).toBe(key);
    expect(await show("/questions")).toContain("Do you ship to Mars?");
    const whole = { ...entered, question: "Do you ship to other planets?" };
    expect(await locationAfter("/questions", whole)).toBe(`${PATH}/questions?done=answer`);
    const page = await show("/questions");
    expect(page).toContain("Nothing here.");
    expect(page).toContain("<bdi>Do you ship to other planets?</bdi>");
  });

  test("is reached from the answer in its thread, also once it has left the list", async () => {
    const conversationId = await askInVain("Do you ship to Mars?");
    await askInVain("Shipping to Mars?");
    const thread = (await owner.get(`/dashboard/conversations/${conversationId}`)).body;
    const [, path = ""] = /(\/questions\?turn=[^"]+)"/.exec(thread) ?? [];
    const form = await show(path);
    expect(form).toContain('value="Do you ship to Mars?"');
    expect(form).toContain("Shipping to Mars?");
    const entered = { action: "answer", question: "To Mars?", answer: "No.", key: keyIn(form) };
    await locationAfter("/questions", entered);
    expect(await show("/questions")).toContain("Nothing here.");
    const again = await show(path);
    expect(again).toContain('value="Do you ship to Mars?"');
    expect(keyIn(again)).toBe("");
    expect(await show("/questions?turn=t_nobody")).toContain("Nothing here.");
  });

  test("changes and removes an answer, and writes one that nobody has asked for", async () => {
    const form = await show("/questions?new");
    expect(keyIn(form)).toBe("");
    await send("/questions", { action: "answer", question: "Open?", answer: "At nine." });
    const [, path = ""] = /(\/questions\/\d+)"/.exec(await show("/questions")) ?? [];
    expect(await show(path)).toContain("At nine.");
    const changed = { action: "save", question: "Open?", answer: "" };
    expect((await send(path, changed)).body).toContain("The answer is missing.");
    const done = await locationAfter(path, { ...changed, answer: "At ten." });
    expect(done).toBe(`${PATH}/questions?done=answer`);
    expect(await show(path)).toContain("At ten.");
    expect(await locationAfter(path, { action: "remove" })).toBe(`${PATH}/questions?done=removed`);
    expect(await show("/questions")).not.toContain("Your answers");
  });
});

test("a page that is not there is not found, and nothing is done without the form token", async () => {
  for (const path of [
    "/nothing",
    "/sources/0",
    "/sources/9",
    "/documents/9",
    "/notes/9",
    "/questions/9",
  ]) {
    expect([path, (await owner.get(`${PATH}${path}`)).status >= 400]).toEqual([path, true]);
  }
  const { id } = await storedSite();
  const answer = await owner.post(`${PATH}/sources/${id}`, { action: "forget" });
  expect(answer.status).toBe(403);
  expect(await app.store.listSources()).toHaveLength(1);
});
